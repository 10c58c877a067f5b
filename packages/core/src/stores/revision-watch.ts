/** Whether replies about one object were all of one revision: parts that come by several requests may be of several objects else. */
export class RevisionWatch {
  #first: string | undefined
  #isKnown: boolean
  #changed = false

  /** @param expected Revision that the replies must be of, where it is known. */
  constructor(expected?: string) {
    this.#first = expected
    this.#isKnown = expected !== undefined
  }

  get changed(): boolean {
    return this.#changed
  }

  /** @param revision That of a reply; `undefined` for the reply that there is no object. */
  see(revision: string | undefined): void {
    if (this.#isKnown && revision !== this.#first) this.#changed = true
    this.#first = revision
    this.#isKnown = true
  }
}
