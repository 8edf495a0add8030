/** What a token allows; each includes those before it. */
export type Rights = 'read' | 'write' | 'admin'

const ORDER: readonly Rights[] = ['read', 'write', 'admin']

/** Returns whether text names rights. */
export function isRights(text: unknown): text is Rights {
  return ORDER.some((rights) => rights === text)
}

/** Returns whether somebody with `rights` may do what needs `needed`. */
export function isAllowed(rights: Rights, needed: Rights): boolean {
  return ORDER.indexOf(rights) >= ORDER.indexOf(needed)
}
