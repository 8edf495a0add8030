/**
 * The ref of the run cache: a chain of commits, one for each run of a pipeline stage, that hold what it made at its
 * paths. They are collected, pushed and fetched as all commits are; `undo` leaves them alone.
 */
export const RUNS_REF = 'refs/dsv/runs'

/** Returns the ref under which the runs of a remote are known here. */
export function remoteRunsRef(remote: string): string {
  return `refs/dsv/remotes/${remote}/runs`
}

/** Returns whether a ref holds runs, of here or of a remote. */
export function isRunsRef(name: string): boolean {
  return name.startsWith('refs/dsv/') && name.endsWith('/runs')
}
