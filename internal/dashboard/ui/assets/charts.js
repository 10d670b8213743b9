// Charts: times in the reader's zone, and a read-out of the column below the pointer or with the focus. Left and Right
// move between columns, so that a chart is one stop of the Tab key.

const forms = {
  time: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }),
  day: new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' }),
  moment: new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }),
};

function span(title) {
  const from = new Date(title.dataset.from);
  if (!title.dataset.to) return `${forms.moment.format(from)}–now`;
  const to = new Date(title.dataset.to);
  if (title.dataset.to === title.dataset.from) return forms.moment.format(to);
  const end = from.toDateString() === to.toDateString() ? forms.time : forms.moment;
  return `${forms.moment.format(from)}–${end.format(to)}`;
}

export function charts(root) {
  for (const text of root.querySelectorAll('text[data-at]')) {
    text.textContent = forms[text.dataset.form].format(new Date(text.dataset.at));
  }
  for (const title of root.querySelectorAll('title[data-from]')) {
    title.textContent = `${span(title)}: ${title.dataset.says}`;
  }
  for (const chart of root.querySelectorAll('[data-chart]')) readable(chart);
}

function readable(chart) {
  const readout = chart.querySelector('[data-readout]');
  const rest = readout.textContent;
  const links = [...chart.querySelectorAll('a')];
  const show = (event) => {
    const title = event.target.closest?.('a, g')?.querySelector('title');
    readout.textContent = title ? title.textContent : rest;
  };
  chart.addEventListener('pointerover', show);
  chart.addEventListener('pointerleave', () => { readout.textContent = rest; });
  chart.addEventListener('focusin', show);
  chart.addEventListener('focusout', () => { readout.textContent = rest; });
  links.forEach((link, i) => link.setAttribute('tabindex', i === links.length - 1 ? '0' : '-1'));
  chart.addEventListener('keydown', (event) => {
    const at = links.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || !links[to]) return;
    event.preventDefault();
    links[at].setAttribute('tabindex', '-1');
    links[to].setAttribute('tabindex', '0');
    links[to].focus();
  });
}
