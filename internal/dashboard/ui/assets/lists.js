// Lists and filters: relative times, times in the reader's zone, copying ids, selecting a page, suggestions.

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const steps = [[60, 1, 's'], [3600, 60, 'min'], [172800, 3600, 'h'], [Infinity, 86400, 'd']];

// ago says how far a time is from now, as the server does.
function ago(at) {
  const seconds = Math.trunc((Date.now() - at) / 1000);
  const far = Math.abs(seconds);
  if (far < 1) return 'now';
  const [, unit, name] = steps.find(([most]) => far < most);
  const text = `${Math.floor(far / unit)} ${name}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

function relative(root) {
  for (const el of root.querySelectorAll('time[data-ago]')) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.title = exact.format(at);
    const text = ago(at);
    if (el.textContent !== text) el.textContent = text;
  }
}

// local lets a field for a time, which the server reads as UTC, be filled in in the reader's zone.
function local(input) {
  const two = (n) => String(n).padStart(2, '0');
  const sent = document.createElement('input');
  sent.type = 'hidden';
  sent.name = input.name;
  input.removeAttribute('name');
  input.after(sent);
  const zone = input.closest('label')?.querySelector('[data-zone]');
  if (zone) zone.textContent = `(${Intl.DateTimeFormat().resolvedOptions().timeZone})`;
  if (input.value) {
    const at = new Date(`${input.value}Z`);
    input.value = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
    sent.value = at.toISOString();
  }
  const update = () => { sent.value = input.value ? new Date(input.value).toISOString() : ''; };
  input.addEventListener('input', update);
  input.addEventListener('change', update);
}

// suggest fills the list of a field with what the server finds for the typed text.
function suggest(input) {
  let timer;
  let last = '';
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      if (!text || text === last) return;
      last = text;
      try {
        const answer = await fetch(`${input.dataset.suggest}?search=${encodeURIComponent(text)}`, { signal: AbortSignal.timeout(5000) });
        if (!answer.ok || last !== text) return;
        input.list.replaceChildren(...(await answer.json()).map((name) => new Option(name, name)));
      } catch { /* the field takes any text */ }
    }, 200);
  });
}

// dressLists makes what was just put on the page pleasant; the server's rows come without it.
export function dressLists(root) {
  relative(root);
  for (const button of root.querySelectorAll('button[data-copy-text]')) {
    button.title = `Copy ${button.dataset.copyText}`;
    button.setAttribute('aria-label', `Copy the id ${button.dataset.copyText}`);
    button.hidden = false;
  }
  for (const box of root.querySelectorAll('[data-pick-all]')) box.hidden = false;
}

export function lists() {
  setInterval(() => { if (!document.hidden) relative(document); }, 5000);
  for (const input of document.querySelectorAll('input[data-local]')) local(input);
  for (const input of document.querySelectorAll('input[data-suggest]')) suggest(input);
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button[data-copy-text]');
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copyText);
      button.classList.add('copied');
      setTimeout(() => button.classList.remove('copied'), 1500);
    } catch {
      // Browsers have no clipboard on plain http; a selection is one key press away from it.
      const text = document.createElement('span');
      text.className = 'id';
      text.textContent = button.dataset.copyText;
      button.replaceWith(text);
      getSelection().selectAllChildren(text);
    }
  });
  document.addEventListener('change', (event) => {
    if (!event.target.matches('[data-pick-all]')) return;
    const boxes = [...event.target.closest('table').querySelectorAll('tbody input[type=checkbox]')];
    for (const box of boxes) box.checked = event.target.checked;
    boxes[0]?.dispatchEvent(new Event('change', { bubbles: true }));
  });
  // Empty fields stay out of the address of a filter.
  document.addEventListener('formdata', (event) => {
    if (event.target.method !== 'get') return;
    for (const [name, value] of [...event.formData.entries()]) if (!value) event.formData.delete(name);
  });
}
