// Shortcuts: / search, j and k rows, Enter open, x select, Esc back out, ? help.

const rows = () => [...document.querySelectorAll('table.list tbody tr')].filter((row) => row.querySelector('a[href]'));
const typing = (el) => el.matches('input:not([type=checkbox], [type=radio]), select, textarea');

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains('at') || row.contains(document.activeElement));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  for (const row of all) row.classList.toggle('at', row === next);
  const link = next.querySelector('a.main') ?? next.querySelector('a[href]');
  link.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function escape() {
  if (typing(document.activeElement)) document.activeElement.blur();
  for (const row of rows()) row.classList.remove('at');
  for (const box of document.querySelectorAll('table.list input:checked')) box.click();
}

const actions = {
  '/': () => document.querySelector('[data-search]')?.focus(),
  'j': () => move(1),
  'k': () => move(-1),
  'x': () => document.activeElement.closest('tr')?.querySelector('input[type=checkbox]')?.click(),
  '?': () => document.getElementById('help')?.showModal(),
};

export function shortcuts() {
  const help = document.querySelector('[data-help]');
  if (help) {
    help.hidden = false;
    help.addEventListener('click', actions['?']);
  }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape') escape();
    else if (!typing(event.target) && actions[event.key]) {
      event.preventDefault();
      actions[event.key]();
    }
  });
}
