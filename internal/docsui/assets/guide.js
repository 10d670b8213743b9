// Keeps the language of the samples the same on a page and on the next one.
const tabs = () => document.querySelectorAll('.tabs > input[data-tab]');

function choose(name) {
  for (const tab of tabs()) if (tab.dataset.tab === name) tab.checked = true;
}

document.addEventListener('change', ({ target }) => {
  const name = target.dataset?.tab;
  if (!name) return;
  const before = target.getBoundingClientRect().top;
  choose(name);
  scrollBy(0, target.getBoundingClientRect().top - before); // samples above may be longer now
  try {
    localStorage.setItem('language', name);
  } catch { /* it holds for this page */ }
});

document.querySelector('.beside [aria-current]')?.scrollIntoView({ block: 'nearest' });

try {
  const name = localStorage.getItem('language');
  if (name) choose(name);
} catch { /* without storage the first language is shown */ }
