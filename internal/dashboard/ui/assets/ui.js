// Makes pages that are complete without it more pleasant: times in the reader's zone, copying, parts that stay fresh.

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function localize(root) {
  for (const el of root.querySelectorAll('time[datetime]')) {
    const at = new Date(el.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    el.title = el.dateTime;
    el.textContent = format.format(at);
  }
}

function offerCopying(root) {
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

// Live: an element with data-live (milliseconds) is replaced by what the same address answers now. It stands still
// while the tab is hidden, while text in it is selected, and when the reader says so.
class Live {
  constructor(region) {
    this.region = region;
    this.every = Number(region.dataset.live);
    this.html = region.innerHTML;
    this.tag = '';
    this.paused = false;
    this.status = document.querySelector('[data-live-status]');
    this.toggle = document.querySelector('[data-live-toggle]');
    this.say('Live');
    if (this.toggle) {
      this.toggle.hidden = false;
      this.toggle.addEventListener('click', () => this.pause(!this.paused));
    }
    document.addEventListener('visibilitychange', () => this.schedule(0));
    this.schedule(this.every);
  }

  say(text) {
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }

  pause(paused) {
    this.paused = paused;
    this.toggle.textContent = paused ? 'Resume' : 'Pause';
    this.say(paused ? 'Paused' : 'Live');
    this.schedule(0);
  }

  schedule(wait) {
    clearTimeout(this.timer);
    if (!this.paused && !document.hidden) this.timer = setTimeout(() => this.refresh(), wait);
  }

  busy() {
    const selection = getSelection();
    return !selection.isCollapsed && this.region.contains(selection.anchorNode);
  }

  async refresh() {
    let wait = this.every;
    try {
      const headers = this.tag ? { 'If-None-Match': this.tag } : {};
      const answer = await fetch(location.href, { headers, cache: 'no-store', signal: AbortSignal.timeout(10000) });
      if (answer.status === 401) {
        this.say('Your session has ended. Reload the page.');
        return;
      }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const fresh = page.getElementById(this.region.id);
        if (fresh && !this.paused && !this.busy()) {
          this.replace(fresh);
          this.tag = answer.headers.get('ETag') ?? '';
        }
      }
      if (!this.paused) this.say(answer.ok || answer.status === 304 ? 'Live' : `The server answered ${answer.status}. Trying again.`);
    } catch {
      if (!this.paused) this.say('Hookline does not answer. Trying again.');
      wait *= 2;
    }
    this.schedule(wait);
  }

  replace(fresh) {
    if (fresh.innerHTML === this.html) return;
    this.html = fresh.innerHTML;
    const details = [...this.region.querySelectorAll('details[data-key]')];
    const open = new Map(details.map((d) => [d.dataset.key, d.open]));
    const key = this.keyOf(document.activeElement);
    this.region.replaceChildren(...document.importNode(fresh, true).childNodes);
    for (const d of this.region.querySelectorAll('details[data-key]')) d.open = open.get(d.dataset.key) ?? d.open;
    localize(this.region);
    offerCopying(this.region);
    if (key) this.focus(key);
  }

  // keyOf names what has the focus, so that a keyboard does not lose its place.
  keyOf(el) {
    if (!this.region.contains(el)) return null;
    return el.getAttribute('href') ?? el.parentElement?.dataset.key ?? null;
  }

  focus(key) {
    const all = this.region.querySelectorAll('a[href], details[data-key] > summary');
    [...all].find((el) => this.keyOf(el) === key)?.focus({ preventScroll: true });
  }
}

const region = document.querySelector('[data-live]');
const live = region && new Live(region); // before localize, which changes what the server sent
localize(document);
offerCopying(document);
export { live };
