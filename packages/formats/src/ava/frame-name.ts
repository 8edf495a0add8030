/** Which frame an item is. */
export interface FrameName {
  readonly video: string
  /** Seconds from the start of the film, as text: `0902`. */
  readonly timestamp: string
}

/** Returns the id of a frame. */
export function frameId({ video, timestamp }: FrameName): string {
  return video === '' ? timestamp : `${video}/${timestamp}`
}

/** Returns the frame of an id: the video is what stands before the last `/`. */
export function frameOfId(id: string): FrameName {
  const slash = id.lastIndexOf('/')
  return { video: id.slice(0, Math.max(0, slash)), timestamp: id.slice(slash + 1) }
}

/**
 * Returns what the file of a frame may be called below the folder of frames, the usual name first: by
 * time, or by number, where films are cut from second 900 on at 30 frames a second.
 */
export function frameFiles(frame: FrameName): readonly string[] {
  const { video, timestamp } = frame
  const start = video === '' ? '' : `${video}/`
  const prefix = video === '' ? '' : `${video.replaceAll('/', '_')}_`
  const usual = `${start}${prefix}${timestamp}`
  const seconds = /^\d{3,5}$/u.test(timestamp) ? Number(timestamp) : 0
  if (seconds < 900) return [usual]
  const number = String((seconds - 900) * 30 + 1).padStart(6, '0')
  return [usual, `${start}${prefix}${number}`]
}
