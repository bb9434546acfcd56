/** What a member of the list carries for it; only the list touches these. */
export interface LruMember<Member> {
  older: Member | null;
  newer: Member | null;
}

/**
 * Members in the order in which they were last touched. A linked list and not a `Set`: each touch of a `Set` leaves a hole, and closing the holes
 * takes 100 ms at a time with a million members.
 */
export class LruList<Member extends LruMember<Member>> {
  #oldest: Member | null = null;
  #newest: Member | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: Member): void {
    this.#size += 1;
    this.#append(member);
  }

  /** Makes a member of the list its newest. */
  touch(member: Member): void {
    if (member === this.#newest) return;
    this.#unlink(member);
    this.#append(member);
  }

  remove(member: Member): void {
    this.#size -= 1;
    this.#unlink(member);
  }

  /** Oldest first. The member just yielded may be removed. */
  *[Symbol.iterator](): Generator<Member> {
    for (let member = this.#oldest; member !== null;) {
      const { newer } = member;
      yield member;
      member = newer;
    }
  }

  #append(member: Member): void {
    member.older = this.#newest;
    member.newer = null;
    if (this.#newest === null) this.#oldest = member;
    else this.#newest.newer = member;
    this.#newest = member;
  }

  #unlink(member: Member): void {
    const { older, newer } = member;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    member.older = null;
    member.newer = null;
  }
}
