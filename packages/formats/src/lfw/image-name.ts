/**
 * Returns what an image is called whose number stands in a list of pairs: number 7 of `Ada` is
 * `Ada_0007`; anything else than a number is the name itself.
 */
export function nameOfNumber(person: string, number: string): string {
  return /^\d+$/u.test(number)
    ? `${person}_${number.replace(/^0+(?=\d)/u, '').padStart(4, '0')}`
    : number
}

/** Returns what stands in a list of pairs for an image; undefined where it would mean another one. */
export function numberOfName(person: string, name: string): string | undefined {
  const number = name.startsWith(`${person}_`) ? name.slice(person.length + 1) : ''
  const short = /^\d{4,}$/u.test(number) ? number.replace(/^0+(?=\d)/u, '') : name
  return nameOfNumber(person, short) === name ? short : undefined
}
