// Makes pages that are complete without it more pleasant: times in the reader's zone, copying, the theme, and what the
// other modules do.
import { Live } from './live.js';
import { forms } from './forms.js';
import { shortcuts } from './keyboard.js';

const now = new Date();
const thisYear = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const anyYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function localize(root) {
  for (const el of root.querySelectorAll('time[datetime]')) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.title = el.dateTime.replace('T', ' ').replace('Z', ' UTC');
    el.textContent = (at.getFullYear() === now.getFullYear() ? thisYear : anyYear).format(at);
  }
}

function dress(root) {
  localize(root);
  for (const button of root.querySelectorAll('button[data-copy]')) button.hidden = false;
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

const toggle = document.querySelector('[data-theme-toggle]');
if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    try { localStorage.setItem('theme', root.dataset.theme); } catch { /* it holds for this page */ }
  });
}

const region = document.querySelector('[data-live], [data-stream]');
if (region) new Live(region, dress); // before dress, which changes what the server sent
dress(document);
forms(dress);
shortcuts();
document.documentElement.dataset.ready = ''; // for whoever drives the page
