import { createHash } from 'node:crypto'

/**
 * Runs processes that share one storage in every order in which their requests can reach it, and calls
 * `onState` for each content that the storage can have, `onEnd` for each way in which all can end.
 *
 * Orders that no process and no reader could tell apart are tried once: a state is what is stored and
 * what each process has been answered so far (they are deterministic), and a request that meets nobody
 * else's is made without asking who is first. That nobody else touches a path is learned: when it turns
 * out wrong, everything is explored again.
 *
 * @param world - `begin()` gives `storage` (a driver) and `processes` (`{ name, run(driver) }`)
 * @param options - `preemptions`: how often a process that could go on may be stopped, any number by
 *   default; `isOver`: ends the exploration early; `onState(storage)`, `onEnd(storage, outcomes)`
 */
export async function explore(world, options) {
  const touched = new Map()
  for (let round = 1; ; round += 1) {
    const before = sizeOf(touched)
    const found = await exploreOnce(world, options, touched)
    if (sizeOf(touched) === before || !found.isComplete) return { ...found, rounds: round }
  }
}

async function exploreOnce(world, options, touched) {
  const { preemptions = Infinity, isOver = () => false, onState, onEnd } = options
  const seen = { states: new Set(), contents: new Set(), ends: new Set() }
  const problems = []
  const found = {
    states: 0,
    contents: 0,
    runs: 0,
    steps: 0,
    ends: 0,
    strayed: 0,
    problems,
    isComplete: false,
  }
  const waiting = [{ path: [], preemptions: 0, before: undefined }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isOver() || problems.length > 20) return found
    const run = await startRun(world, touched)
    const { path } = next
    let used = next.preemptions
    if (!(await replay(run, next))) {
      found.strayed += 1
      await run.abandon()
      continue
    }
    found.runs += 1
    for (;;) {
      const key = run.key() + (preemptions === Infinity ? '' : ` ${used} ${path.at(-1)}`)
      if (seen.states.has(key)) break
      seen.states.add(key)
      const content = run.contentKey()
      if (!seen.contents.has(content)) {
        seen.contents.add(content)
        for (const problem of await onState(run.storage))
          problems.push(`${problem}, ${describe(run)}`)
      }
      const able = run.able()
      if (able.length === 0) {
        found.ends += 1
        const outcomes = await run.outcomes()
        const end = content + JSON.stringify(outcomes)
        if (!seen.ends.has(end)) {
          seen.ends.add(end)
          for (const problem of await onEnd(run.storage, outcomes))
            problems.push(`${problem}, ${describe(run)}`)
        }
        break
      }
      const alone = able.find((each) => !run.meetsOthers(each))
      const last = path.at(-1)
      const first = alone ?? (able.includes(last) ? last : able[0])
      if (alone === undefined) {
        const cost = able.includes(last) ? 1 : 0
        const before = run.key()
        for (const other of able)
          if (other !== first && used + cost <= preemptions)
            waiting.push({ path: [...path, other], preemptions: used + cost, before })
      }
      await run.step(first)
      path.push(first)
      found.steps += 1
    }
    await run.abandon()
  }
  return { ...found, states: seen.states.size, contents: seen.contents.size, isComplete: true }
}

/**
 * Takes the same steps again. Returns false when they lead elsewhere: packs are compressed and sent side
 * by side, and which of them is ready first is up to the machine.
 */
async function replay(run, { path, before }) {
  for (const [at, choice] of path.entries()) {
    const isLast = at === path.length - 1
    if (!run.able().includes(choice) || (isLast && before !== run.key())) return false
    await run.step(choice)
  }
  return true
}

/** Runs them in orders by chance: at each step the same process goes on with probability `stay`. */
export async function sample(
  world,
  { count, random, stay = 0.7, isOver = () => false, onState, onEnd },
) {
  const touched = new Map()
  const problems = []
  let runs = 0
  for (; runs < count && !isOver(); runs += 1) {
    const run = await startRun(world, touched)
    const looked = new Set()
    let last
    for (let able = run.able(); able.length > 0; able = run.able()) {
      const isStaying = able.includes(last) && random() < stay
      last = isStaying ? last : able[Math.floor(random() * able.length)]
      await run.step(last)
      if (looked.has(run.contentKey())) continue
      looked.add(run.contentKey())
      for (const problem of await onState(run.storage))
        problems.push(`${problem}, ${describe(run)}`)
    }
    for (const problem of await onEnd(run.storage, await run.outcomes()))
      problems.push(`${problem}, ${describe(run)}`)
  }
  return { runs, problems, touched }
}

function describe(run) {
  return `after ${run.log().join(' ')}`
}

function sizeOf(touched) {
  let size = 0
  for (const { readers, writers } of touched.values()) size += readers.size + writers.size
  return size
}

/** One run: every request to the storage waits until `step` lets it through. */
async function startRun(world, touched) {
  const { storage, processes } = await world.begin()
  const names = namesOfUuids()
  const files = new Map()
  const log = []
  let isAbandoned = false
  for await (const { path } of storage.list(''))
    files.set(path, digest(names.plain(await storage.read(path), 'base')))

  const runners = processes.map(({ name, run }, number) => {
    const runner = { name, number, queue: [], history: '', isDone: false, outcome: undefined }
    const arrive = () => {
      runner.onArrival?.()
      runner.onArrival = undefined
    }
    const ask = (action, path, isWrite, work) =>
      new Promise((resolve, reject) => {
        if (isAbandoned) return reject(new Error('abandoned'))
        runner.queue.push({ action, path, isWrite, work, resolve, reject })
        arrive()
      })
    const driver = steppedDriver(storage, ask, { names, name, files })
    const end = async () => {
      try {
        runner.outcome = { value: await run(driver) }
      } catch (error) {
        runner.outcome = { error: error.code ?? String(error.stack) }
      }
      runner.isDone = true
      arrive()
    }
    runner.ended = end()
    return runner
  })
  const settled = async (runner) => {
    while (!runner.isDone && runner.queue.length === 0)
      await new Promise((resolve) => (runner.onArrival = resolve))
    // Requests that a process makes side by side come one after the other, in an order of their own.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    runner.queue.sort((a, b) => (requestName(a) < requestName(b) ? -1 : 1))
  }
  for (const runner of runners) await settled(runner)

  return {
    storage,
    able: () => runners.filter(({ isDone }) => !isDone).map(({ number }) => number),
    meetsOthers(number) {
      const { action, path, isWrite } = runners[number].queue[0]
      note(touched, action === 'list' ? `${path}*` : path, number, isWrite)
      return meets(touched, { number, action, path, isWrite })
    },
    async step(number) {
      const runner = runners[number]
      const { action, path, isWrite, work, resolve, reject } = runner.queue.shift()
      note(touched, action === 'list' ? `${path}*` : path, number, isWrite)
      log.push(`${runner.name}:${action}:${path.replace(/([0-9a-f]{6})[0-9a-f]{56,}/, '$1')}`)
      let answer
      try {
        const { value, told } = await work()
        answer = told
        resolve(value)
      } catch (error) {
        answer = error.code ?? String(error)
        reject(error)
      }
      runner.history = digest(`${runner.history} ${action} ${path} ${answer}`)
      await settled(runner)
    },
    contentKey: () =>
      digest(
        [...files]
          .map((each) => each.join(' '))
          .toSorted()
          .join('\n'),
      ),
    key() {
      return digest(
        `${this.contentKey()} ${runners.map(({ history, isDone }) => `${history}${isDone}`)}`,
      )
    },
    outcomes: async () => Object.fromEntries(runners.map(({ name, outcome }) => [name, outcome])),
    log: () => log,
    async abandon() {
      isAbandoned = true
      for (const { queue } of runners)
        for (const { reject } of queue.splice(0)) reject(new Error('abandoned'))
      await Promise.all(runners.map(({ ended }) => ended))
    },
  }
}

function requestName({ action, path }) {
  return `${action} ${path}`
}

/** Which process has read or written which path, in any run; a listing reads all below its prefix. */
function note(touched, path, number, isWrite) {
  const at = touched.get(path) ?? { readers: new Set(), writers: new Set() }
  touched.set(path, at)
  if (isWrite) at.writers.add(number)
  else at.readers.add(number)
}

function meets(touched, { number, action, path, isWrite }) {
  for (const [other, { readers, writers }] of touched) {
    const isListed = other.endsWith('*')
    const isSame =
      action === 'list'
        ? !isListed && other.startsWith(path)
        : isListed
          ? path.startsWith(other.slice(0, -1))
          : path === other
    if (!isSame) continue
    if (isOther(writers, number) || (isWrite && isOther(readers, number))) return true
  }
  return false
}

function isOther(numbers, number) {
  return numbers.size > (numbers.has(number) ? 1 : 0)
}

function steppedDriver(storage, ask, { names, name, files }) {
  const at = (path) => names.plainText(path, name)
  const tell = (bytes) => digest(names.plain(bytes, name))
  const step = (action, path, isWrite, work, told) =>
    ask(action, at(path), isWrite, async () => {
      const value = await work(at(path))
      return { value, told: told(value) }
    })
  return {
    location: storage.location,
    localFolder: undefined,
    packBelowBytes: storage.packBelowBytes,
    read: (path) => step('read', path, false, (p) => storage.read(p), tell),
    readRange: (path, offset, length) =>
      step('read', path, false, (p) => storage.readRange(p, offset, length), tell),
    sizeOf: (path) => step('size', path, false, (p) => storage.sizeOf(p), String),
    write: (path, bytes) =>
      step(
        'write',
        path,
        true,
        async (p) => {
          files.set(p, tell(bytes))
          await storage.write(p, bytes)
        },
        String,
      ),
    async *list(prefix) {
      yield* await step(
        'list',
        prefix,
        false,
        async (p) => {
          const entries = []
          for await (const entry of storage.list(p)) entries.push(entry)
          return entries
        },
        JSON.stringify,
      )
    },
    delete: (path) =>
      step(
        'delete',
        path,
        true,
        async (p) => {
          files.delete(p)
          await storage.delete(p)
        },
        String,
      ),
    readVersioned: (path) =>
      step(
        'read',
        path,
        false,
        (p) => storage.readVersioned(p),
        (found) => found && tell(found.bytes),
      ),
    replaceIf: (path, expected, bytes) =>
      step(
        'swap',
        path,
        true,
        async (p) => {
          const version = await storage.replaceIf(p, expected, bytes)
          files.set(p, tell(bytes))
          return version
        },
        () => 'swapped',
      ),
    flush: async () => {},
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Gives what processes make by chance a name that is the same in every run: owner and number. */
function namesOfUuids() {
  const names = new Map()
  const counts = new Map()
  const nameOf = (uuid, owner) => {
    const known = names.get(uuid)
    if (known !== undefined) return known
    const count = (counts.get(owner) ?? 0) + 1
    counts.set(owner, count)
    const name = `${owner}-${count}`
    names.set(uuid, name)
    return name
  }
  const plainText = (text, owner) => text.replaceAll(UUID, (uuid) => nameOf(uuid, owner))
  return {
    plainText,
    plain: (bytes, owner) => plainText(withoutSum(Buffer.from(bytes).toString('latin1')), owner),
  }
}

/** A root begins with a checksum, which covers what was made by chance. */
function withoutSum(text) {
  return text.startsWith('DSVROOT') ? text.slice(text.indexOf('condemned')) : text
}

function digest(text) {
  return createHash('sha1').update(text).digest('base64')
}
