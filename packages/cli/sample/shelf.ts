/** What the sample's backend answers: status and JSON body. */
type Answer = readonly [status: number, body?: unknown];

interface Book {
  readonly id: number;
  readonly title: string;
  readonly author: string;
  readonly year?: number;
}

const mostBooks = 1000;

/** A shelf of books in memory, spoken to as HTTP does. */
export class Shelf {
  readonly #books = new Map<number, Book>();
  #lastId = 0;

  constructor() {
    this.#add('The Sea Around Us', 'Rachel Carson', 1951);
    this.#add('A Pattern Language', 'Christopher Alexander', 1977);
    this.#add('The Soul of a New Machine', 'Tracy Kidder', 1981);
  }

  /** `readBody` is called only where a body is wanted; it rejects when there is no JSON object. */
  async answer(method: string, url: URL, readBody: () => Promise<Record<string, unknown>>): Promise<Answer> {
    const [, collection, id, ...rest] = url.pathname.split('/');
    if (collection !== 'books' || rest.length > 0) return [404, { error: 'only /books is here' }];
    if (id) return this.#one(method, Number(id));
    if (method === 'GET' || method === 'HEAD') return [200, this.#by(url.searchParams.get('author') ?? '')];
    if (method !== 'POST') return [405, { error: 'use GET or POST' }];
    const { title, author, year } = await readBody();
    if (typeof title !== 'string' || typeof author !== 'string' || !title || !author) {
      return [400, { error: 'a book needs a title and an author' }];
    }
    if (this.#books.size >= mostBooks) return [409, { error: `the shelf holds ${mostBooks} books` }];
    return [201, this.#add(title, author, Number.isInteger(year) ? (year as number) : undefined)];
  }

  #one(method: string, id: number): Answer {
    const book = this.#books.get(id);
    if (!book) return [404, { error: `no book ${id}` }];
    if (method === 'GET' || method === 'HEAD') return [200, book];
    if (method !== 'DELETE') return [405, { error: 'use GET or DELETE' }];
    this.#books.delete(id);
    return [204];
  }

  #by(author: string): Book[] {
    const wanted = author.toLowerCase();
    return [...this.#books.values()].filter((book) => book.author.toLowerCase().includes(wanted));
  }

  #add(title: string, author: string, year?: number): Book {
    const book: Book = { id: ++this.#lastId, title, author, ...(year === undefined ? {} : { year }) };
    this.#books.set(book.id, book);
    return book;
  }
}
