/** Returns the options of the command line: lists by name. */
export function optionsOf(argv) {
  const options = new Map()
  for (let at = 0; at < argv.length; at += 2) {
    const name = argv[at].replace(/^--/, '')
    options.set(name, [...(options.get(name) ?? []), argv[at + 1]])
  }
  return options
}
