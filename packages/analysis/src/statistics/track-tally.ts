import { numberTally } from './number-tally.ts'
import type { TrackFigures } from './statistics.ts'

/** Tracks that are counted as annotations come. */
export interface TrackTally {
  /** @param place - What a track cannot leave: the dataset, layer and subset */
  add(place: string, track: number | string): void
  /** Returns undefined where there are none. */
  figures(): TrackFigures | undefined
}

const MAX_TRACKS = 200_000

/** Counts the annotations of each track; memory grows with the tracks, up to 200,000. */
export function trackTally(): TrackTally {
  const lengths = new Map<string, number>()
  let others = 0
  return {
    add: (place, track) => {
      const key = `${typeof track} ${track}\n${place}`
      const before = lengths.get(key)
      if (before !== undefined) lengths.set(key, before + 1)
      else if (lengths.size < MAX_TRACKS) lengths.set(key, 1)
      else others++
    },
    figures: () => {
      const tally = numberTally()
      for (const length of lengths.values()) tally.add(length)
      const summary = tally.summary('whole')
      return summary && { count: lengths.size, lengths: summary, others }
    },
  }
}
