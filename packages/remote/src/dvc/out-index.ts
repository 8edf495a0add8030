import type { DvcOut } from './dvc-out.ts'

/** Outputs by the paths that they and their files have. */
export interface OutIndex {
  /** Returns the output that is at a path or has it inside. */
  above(path: string): DvcOut | undefined
  /** Returns the outputs below a folder, `''` or with a `/` in the end. */
  below(prefix: string): readonly DvcOut[]
}

/** Indexes outputs, of which none lies in another. */
export function outIndex(outs: readonly DvcOut[]): OutIndex {
  const byPath = new Map(outs.map((out) => [out.path, out]))
  return {
    above(path) {
      for (let at = path; ; at = at.slice(0, at.lastIndexOf('/'))) {
        const found = byPath.get(at)
        if (found !== undefined || !at.includes('/')) return found
      }
    },
    below: (prefix) => outs.filter(({ path }) => path.startsWith(prefix)),
  }
}
