/** Runs two steps of a user's one thought and returns their costs as one. */
export async function together(first, second) {
  const a = await first()
  if (a.exitCode !== 0) return a
  const b = await second()
  const sum = (name) =>
    a[name] === undefined || b[name] === undefined ? undefined : a[name] + b[name]
  return {
    ...b,
    wallSeconds: a.wallSeconds + b.wallSeconds,
    cpuSeconds: sum('cpuSeconds'),
    readBytes: sum('readBytes'),
    writtenBytes: sum('writtenBytes'),
    rssBytes: Math.max(a.rssBytes ?? 0, b.rssBytes ?? 0) || undefined,
    parts: [a.wallSeconds, b.wallSeconds],
  }
}
