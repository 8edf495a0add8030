/** What the folder of an image says: the event that it shows. */
export interface Event {
  readonly name: string
  /** Undefined for folders without one. */
  readonly number?: number
}

const NO_EVENT = 'no_label'

/** Returns the event of the folder that a path begins with; undefined when it is none. */
export function eventOf(path: string): Event | undefined {
  const slash = path.indexOf('/')
  const folder = path.slice(0, Math.max(0, slash))
  if (folder === '' || folder === NO_EVENT) return undefined
  const match = /^(\d{1,9})--(.+)$/u.exec(folder)
  return match === null ? { name: folder } : { name: match[2] ?? '', number: Number(match[1]) }
}

/** Returns the folder of an event. */
export function eventFolder(event: Required<Event> | undefined): string {
  if (event === undefined) return NO_EVENT
  return `${event.number}--${folderName(event.name)}`
}

/** Returns what of the name of a class can be the name of a folder. */
export function folderName(name: string): string {
  return name.replaceAll(/[/\\\0\n\r]/gu, '_').trim()
}
