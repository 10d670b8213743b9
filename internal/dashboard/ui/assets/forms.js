// Makes forms that work without it more pleasant.

// partial sends a form without leaving the page, and takes over the one part of the answer that it changes.
async function partial(form, button, selector) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  const target = document.querySelector(selector);
  if (button) button.disabled = true;
  target.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form.action, { method: 'POST', body, signal: AbortSignal.timeout(60000) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector(selector);
    if (!fresh) throw new Error('another page');
    const fault = page.querySelector('.fault');
    document.querySelector('.fault')?.remove();
    target.replaceWith(document.importNode(fresh, true));
    if (fault) document.querySelector(selector).before(document.importNode(fault, true));
    const next = page.querySelector('input[name=once]').value;
    for (const once of document.querySelectorAll('input[name=once]')) once.value = next;
    return document.querySelector(selector);
  } catch {
    form.submit(); // the whole page then says what is wrong
    return null;
  }
}

// pick hides what does not match in the event picker, and ticks what a group or everything includes.
function picker(search) {
  const box = document.querySelector(search.dataset.picker);
  const none = box.querySelector('[data-picker-none]');
  search.closest('[data-picker-search]').hidden = false;
  search.addEventListener('input', () => {
    const text = search.value.trim().toLowerCase();
    let found = false;
    for (const group of box.querySelectorAll('[data-group]')) {
      let any = false;
      for (const label of group.querySelectorAll('label')) {
        label.hidden = !`${label.textContent} ${label.title}`.toLowerCase().includes(text);
        any ||= !label.hidden;
      }
      group.hidden = !any;
      found ||= any;
    }
    none.hidden = found;
  });
  search.addEventListener('keydown', (event) => { if (event.key === 'Enter') event.preventDefault(); });
}

// guard asks before a page is left that shows something only once.
function guard(card) {
  let stored = false;
  addEventListener('beforeunload', (event) => { if (!stored) event.preventDefault(); });
  document.querySelector('[data-guarded]').addEventListener('click', () => { stored = true; });
}

// choose selects the choice whose fields somebody fills in.
function choose(choice) {
  choice.addEventListener('input', (event) => {
    if (event.target.type !== 'radio') choice.querySelector('input[type=radio]').checked = true;
  });
}

export function forms(dress) {
  document.addEventListener('submit', async (event) => {
    const selector = event.submitter?.dataset.partial ?? event.target.dataset.partial;
    if (!selector) return;
    event.preventDefault();
    const fresh = await partial(event.target, event.submitter, selector);
    if (fresh) dress(fresh);
  });
  for (const search of document.querySelectorAll('[data-picker]')) picker(search);
  for (const card of document.querySelectorAll('[data-guard]')) guard(card);
  for (const choice of document.querySelectorAll('.choice')) choose(choice);
  for (const input of document.querySelectorAll('[data-must-be]')) {
    const button = input.form.querySelector('button[type=submit]');
    const check = () => { button.disabled = input.value !== input.dataset.mustBe; };
    input.addEventListener('input', check);
    check();
  }
  const selected = document.querySelector('[data-selected]');
  if (selected) {
    const form = document.getElementById(selected.dataset.selected) ?? selected.closest('form');
    const count = () => {
      const n = form.querySelectorAll('tbody input:checked').length;
      selected.textContent = n ? `${n} selected` : '';
    };
    form.addEventListener('change', count);
    count();
  }
}
