// What the SDK promises of every runtime, with nothing but what browsers and workers have: calls, a list that goes on by
// itself, a typed error, and the verification of webhooks by WebCrypto. It returns one line, or throws.
export async function check(sdk, baseUrl, apiKey, vectors) {
  const hookline = new sdk.Hookline({ apiKey, baseUrl });
  const lead = await hookline.createLead({ name: 'Ada Lovelace', email: 'ada@example.com' });
  await hookline.createLead({ name: 'Grace Hopper', email: 'grace@example.com' });
  const seen = [];
  for await (const one of hookline.listLeads({ per_page: 1 })) seen.push(one.id);
  if (!seen.includes(lead.id)) throw new Error(`leads: got ${seen}, want ${lead.id} among them`);
  const absent = await hookline.getLead('lead_01jd4x2m9qe4fv0w3n7q1x5z8k').catch((e) => e);
  if (!(absent instanceof sdk.NotFoundError)) throw new Error(`an absent lead: got ${absent}, want NotFoundError`);
  for (const v of vectors) {
    let reason = '';
    try {
      await sdk.verifyWebhook(v.headers, new TextEncoder().encode(v.body), v.secrets, { now: v.now });
    } catch (e) {
      if (!(e instanceof sdk.WebhookVerificationError)) throw e;
      reason = e.reason;
    }
    if (reason !== v.error) throw new Error(`vector ${v.name}: got ${reason || 'accepted'}, want ${v.error || 'accepted'}`);
  }
  return `4 calls and ${vectors.length} webhooks`;
}
