// Makes pages that are complete without it more pleasant: times in the reader's zone, copying, the theme, and what the
// other modules do.
import { charts } from './charts.js';
import { Live } from './live.js';
import { forms } from './forms.js';
import { shortcuts } from './keyboard.js';
import { dressLists, lists } from './lists.js';

const now = new Date();
const thisYear = new Intl.DateTimeFormat(undefined, {
  month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
});
const anyYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function localize(root) {
  for (const el of root.querySelectorAll('time[datetime]:not([data-ago])')) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.title = el.dateTime.replace('T', ' ').replace('Z', ' UTC');
    el.textContent = (at.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(at);
  }
}

function dress(root) {
  localize(root);
  charts(root);
  for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = false;
  dressLists(root);
}

async function copy(button) {
  const source = button.parentElement.querySelector('pre');
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = 'Copied';
  } catch {
    // Browsers have no clipboard on plain http except on this machine; a selection is one key press away from it.
    getSelection().selectAllChildren(source);
    button.textContent = 'Selected: press Ctrl+C';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2500);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-copy]');
  if (button) copy(button);
});

// The first press changes the theme, the second changes it back, and the third makes it follow the system again.
const toggle = document.querySelector('[data-theme-toggle]');
if (toggle) {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const after = () => {
    const [same, other] = system.matches ? ['dark', 'light'] : ['light', 'dark'];
    return { undefined: other, [other]: same, [same]: '' }[root.dataset.theme];
  };
  const label = () => {
    const name = (theme) => theme || 'that of your system';
    toggle.title = `Theme: ${name(root.dataset.theme)}. Change to ${name(after())}.`;
    toggle.setAttribute('aria-label', toggle.title);
  };
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    const theme = after();
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    try {
      if (theme) localStorage.setItem('theme', theme);
      else localStorage.removeItem('theme');
    } catch { /* it holds for this page */ }
    label();
  });
  system.addEventListener('change', label);
  label();
}

const region = document.querySelector('[data-live], [data-stream]');
if (region) new Live(region, dress); // before dress, which changes what the server sent
dress(document);
forms(dress);
shortcuts();
lists();
document.documentElement.dataset.ready = ''; // tests of the page wait for it
