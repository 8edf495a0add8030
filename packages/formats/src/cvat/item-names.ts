import { isImagePath, isPointCloudPath, isVideoPath } from '../media/media-kind.ts'

/** Returns the id of an image from the name that CVAT gives it: without its extension. */
export function idOfName(name: string): string {
  const plain = name.replaceAll('\\', '/')
  const isMedia = isImagePath(plain) || isVideoPath(plain) || isPointCloudPath(plain)
  return isMedia ? plain.slice(0, plain.lastIndexOf('.')) : plain
}

/** Returns whether an image of a name can be the item of an id, by the rules of {@link idRegister}. */
export function isNameOf(id: string, name: string, task: unknown): boolean {
  const given = name.replaceAll('\\', '/')
  return [idOfName(given), given]
    .flatMap((each) => [each, `task-${String(task)}/${each}`])
    .some((each) => id === each || (/^#\d+$/u.test(id.slice(each.length)) && id.startsWith(each)))
}

/** Returns the name of a frame of a video, without extension. */
export function frameName(frame: number): string {
  return `frame_${String(frame).padStart(6, '0')}`
}

/** Returns the number of the frame that a name of CVAT stands for. */
export function frameOfName(id: string): number | undefined {
  const [, digits] = /(?:^|\/)frame_(\d{6,15})$/u.exec(id) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Gives out ids within subsets, each once. */
export interface IdRegister {
  /**
   * Returns the id for an image: its name without extension; with it, where an image of another
   * extension has that; with the task in front, where one of the same name has.
   */
  readonly take: (subset: string, name: string, task: string | undefined) => string
}

/** Makes a register in which all ids are free. */
export function idRegister(): IdRegister {
  const names = new Map<string, string>()
  const claim = (subset: string, id: string, name: string): boolean => {
    const key = `${subset}\0${id}`
    if (names.has(key)) return false
    names.set(key, name)
    return true
  }
  return {
    take: (subset, given, task) => {
      const name = given.replaceAll('\\', '/')
      const plain = idOfName(name)
      const isTwin = names.get(`${subset}\0${plain}`) === name
      const own = isTwin ? [plain] : [plain, name]
      const inTask = task === undefined ? [] : [`task-${task}/${plain}`, `task-${task}/${name}`]
      const candidates = [...own, ...inTask]
      for (const id of candidates) if (claim(subset, id, name)) return id
      for (let number = 2; ; number += 1) {
        const id = `${candidates.at(-1) ?? plain}#${number}`
        if (claim(subset, id, name)) return id
      }
    },
  }
}
