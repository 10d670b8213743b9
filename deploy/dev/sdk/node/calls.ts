// What the five calls send and expect, whatever the client.

const variable = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

export const baseUrl = variable('HOOKLINE_URL');
export const authorization = `Bearer ${variable('HOOKLINE_API_KEY')}`;
export const endpoint = { name: 'SDK check', url: variable('HOOKLINE_INBOX_URL'), events: ['job.completed'] };
export const event = {
  type: 'job.completed',
  data: {
    job_id: 101,
    job_type: 'hashtag',
    status: 'finished',
    started_at: '2026-11-21T08:00:00Z',
    finished_at: '2026-11-21T08:30:00Z',
    total_leads_stored: 250,
  },
};
export const key = { name: 'SDK check' };

export function check(holds: boolean, call: string, got: unknown): asserts holds {
  if (!holds) throw new Error(`${call}: got ${JSON.stringify(got)}`);
}

// succeeded asks until a list of deliveries is not empty, for ten seconds.
export async function succeeded<T>(list: () => Promise<T[]>): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((wake) => setTimeout(wake, 100))) {
    const [first] = await list();
    if (first) return first;
  }
  throw new Error('listDeliveries: got no delivery with the status succeeded within 10 s');
}

export function run(calls: () => Promise<void>): void {
  calls().catch((problem: unknown) => {
    console.error(problem instanceof Error ? problem.message : problem);
    process.exitCode = 1;
  });
}
