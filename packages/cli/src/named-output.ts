import { StringDecoder } from 'node:string_decoder'

/** What several commands print at once, line by line, each with the name of who printed it. */
export interface NamedOutput {
  write(name: string, bytes: Uint8Array): void
  /** Prints what has no line end yet. */
  end(name: string): void
}

/** Longer lines are printed in pieces. */
const MAX_LINE = 64 * 1024

/** Returns an output that puts a name before each line. */
export function namedOutput(print: (text: string) => void): NamedOutput {
  const open = new Map<string, { readonly decoder: StringDecoder; text: string }>()
  const printLine = (name: string, line: string): void => print(`${name} | ${line}\n`)
  return {
    write(name, bytes) {
      const known = open.get(name) ?? { decoder: new StringDecoder(), text: '' }
      open.set(name, known)
      const lines = (known.text + known.decoder.write(Buffer.from(bytes))).split('\n')
      known.text = lines.pop() ?? ''
      for (const line of lines) printLine(name, line)
      if (known.text.length > MAX_LINE) {
        printLine(name, known.text)
        known.text = ''
      }
    },
    end(name) {
      const text = open.get(name)?.text ?? ''
      open.delete(name)
      if (text !== '') printLine(name, text)
    },
  }
}
