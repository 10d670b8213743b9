// Parts of a page that update: an element with data-live (milliseconds) requests its address at that interval, one with
// data-stream (an address of server-sent events) after each event. Both are replaced by what the same address answers,
// and with them what else on the page has data-also. The header Hookline-Part asks for these parts alone.
// Updates pause while the tab is hidden, while something in the part is selected, and when the reader pauses them.

const atOnce = 150; // milliseconds in which what happens together is shown together

export class Live {
  constructor(region, dress) {
    this.region = region;
    this.dress = dress;
    this.every = Number(region.dataset.live) || 0;
    this.html = region.innerHTML;
    this.seen = new Map();
    this.paused = false;
    this.status = document.querySelector('[data-live-status]');
    this.toggle = document.querySelector('[data-live-toggle]');
    if (this.toggle) {
      this.toggle.hidden = false;
      this.toggle.addEventListener('click', () => this.pause(!this.paused));
    }
    document.addEventListener('visibilitychange', () => this.schedule(0));
    region.addEventListener('change', () => this.held());
    if (region.dataset.stream) this.listen(region.dataset.stream);
    else {
      this.say('Live');
      this.schedule(this.every);
    }
  }

  listen(address) {
    this.say('Connecting…', true);
    const source = new EventSource(address);
    source.addEventListener('ready', () => {
      this.held() || this.say('Live');
      this.schedule(0); // what happened since the page was made
    });
    for (const name of ['delivery', 'gap']) source.addEventListener(name, () => this.schedule(atOnce));
    source.addEventListener('end', (event) => {
      if (JSON.parse(event.data).reason === 'not_allowed') {
        source.close();
        this.say('Your session has ended. Reload the page.', true);
      }
    });
    source.addEventListener('error', () => {
      this.say(source.readyState === EventSource.CLOSED ? 'Not live. Reload the page.' : 'Connecting again…', true);
    });
    addEventListener('pagehide', () => source.close());
  }

  say(text, still = false) {
    if (!this.status) return;
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.classList.toggle('still', still);
  }

  pause(paused) {
    this.paused = paused;
    this.toggle.textContent = paused ? 'Resume' : 'Pause';
    this.say(paused ? 'Paused' : 'Live', paused);
    this.schedule(0);
  }

  // held says whether rows are selected, which must not move away.
  held() {
    const held = this.region.querySelector('tbody input:checked') !== null;
    if (held) this.say('Paused while rows are selected', true);
    else if (this.wasHeld) {
      this.say(this.paused ? 'Paused' : 'Live', this.paused);
      this.schedule(0);
    }
    this.wasHeld = held;
    return held;
  }

  schedule(wait) {
    if (this.paused || document.hidden || this.asking) {
      this.again = this.asking;
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), wait);
  }

  busy() {
    const selection = getSelection();
    return this.held() || (!selection.isCollapsed && this.region.contains(selection.anchorNode));
  }

  async refresh() {
    let wait = this.every;
    this.asking = true;
    try {
      const answer = await fetch(location.href, {
        cache: 'no-store', headers: { 'Hookline-Part': 'live' }, signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 401 || answer.redirected) {
        this.say('Your session has ended. Reload the page.', true);
        return;
      }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const fresh = page.getElementById(this.region.id);
        if (fresh && !this.paused && !this.busy()) {
          this.replace(fresh);
          for (const part of document.querySelectorAll('[data-also]')) this.also(part, page.getElementById(part.id));
        }
      }
      if (!this.paused && !this.wasHeld && (this.every || !answer.ok)) {
        this.say(answer.ok ? 'Live' : `The server answered ${answer.status}. Retrying.`, !answer.ok);
      }
      if (!answer.ok) wait ||= 5000;
    } catch {
      if (!this.paused) this.say('The server does not respond. Retrying.', true);
      wait = (wait || 2500) * 2;
    } finally {
      this.asking = false;
    }
    if (this.again) wait = atOnce;
    this.again = false;
    if (wait) this.schedule(wait);
  }

  replace(fresh) {
    // Nothing more will happen.
    if (fresh.dataset.live === undefined && this.region.dataset.live !== undefined) this.every = 0;
    if (fresh.innerHTML === this.html) return;
    this.html = fresh.innerHTML;
    const key = this.keyOf(document.activeElement);
    this.swap(this.region, fresh);
    if (key) this.focus(key);
  }

  // also replaces another part of the page, but not while somebody is in it.
  also(part, fresh) {
    if (!fresh || part.contains(document.activeElement) || this.seen.get(part.id) === fresh.innerHTML) return;
    this.seen.set(part.id, fresh.innerHTML);
    this.swap(part, fresh);
  }

  // swap replaces what is in a part, and leaves open what was open.
  swap(part, fresh) {
    const details = [...part.querySelectorAll('details[data-key]')];
    const open = new Map(details.map((d) => [d.dataset.key, d.open]));
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
    for (const d of part.querySelectorAll('details[data-key]')) d.open = open.get(d.dataset.key) ?? d.open;
    this.dress(part);
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
