/** What all pages have. */
interface AnyPage<Item> {
  data: Item[];
  meta: { page?: number; per_page?: number; total?: number; next_cursor?: string | null };
}

/**
 * A list. Await it for one page, or use it in `for await` for all items of all pages. Nothing is fetched before, and
 * each use fetches anew.
 */
export class List<Page, Item> implements PromiseLike<Page>, AsyncIterable<Item> {
  readonly #fetch: (query: object) => Promise<Page>;
  readonly #query: object;

  constructor(fetch: (query: object) => Promise<Page>, query: object) {
    this.#fetch = fetch;
    this.#query = query;
  }

  then<A = Page, B = never>(
    done?: ((page: Page) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#fetch(this.#query).then(done, failed);
  }

  /** Fetches page after page. */
  async *pages(): AsyncGenerator<Page, void, undefined> {
    for (let query: { cursor?: string } = this.#query; ; ) {
      const page = await this.#fetch(query);
      yield page;
      const { data, meta } = page as unknown as AnyPage<Item>;
      if (meta.next_cursor !== undefined) {
        // An ordered pull has a cursor after its last entry, too: it is the same again.
        if (meta.next_cursor === null || meta.next_cursor === query.cursor) return;
        query = { ...query, cursor: meta.next_cursor };
      } else {
        const { page: number = 1, per_page = 0, total = 0 } = meta;
        if (data.length === 0 || number * per_page >= total) return;
        query = { ...query, page: number + 1 } as object;
      }
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* (page as unknown as AnyPage<Item>).data;
  }
}
