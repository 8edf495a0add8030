import fs from 'node:fs'
import path from 'node:path'
import { prepareRepository, withRepository } from './flows.mjs'
import { describe, mustRun, startDsv } from './processes.mjs'
import { pick, randomFrom } from './random.mjs'
import { vocXml, writeFiles } from './small-dataset.mjs'

/** What a command may say when others were faster; the user runs it again. */
const BUSY = new Set([
  'DSV_REF_MOVED',
  'DSV_STAGE_MOVED',
  'DSV_ROOT_BUSY',
  'DSV_LOCK_HELD',
  'DSV_WORKING_TREE_BUSY',
  'DSV_SESSION_EXPIRED',
  'DSV_COMMIT_EMPTY',
  'DSV_FILE_CHANGED',
  'DSV_FILE_GONE',
])

/**
 * Many processes at once in one repository: they add and commit, make branches and tags, read, and
 * collect garbage. Whatever a process was told is done must be there in the end.
 */
export async function manyProcesses(library, scratch, { rounds, seed, isOver = () => false }) {
  const folder = await newRepository(library, scratch, 'many')
  const problems = []
  const promised = { files: new Map(), branches: new Set(), tags: new Set(), commits: new Set() }
  const counts = { commands: 0, busy: 0 }
  const random = randomFrom(seed)

  async function run(args, mayFail = BUSY) {
    counts.commands += 1
    const ended = await startDsv(folder, args)
    if (ended.exitCode === 0) return ended
    if (mayFail.has(ended.code)) counts.busy += 1
    else problems.push(describe(ended))
    return undefined
  }
  async function committer(name) {
    for (let round = 0; round < rounds && !isOver(); round += 1) {
      const file = `${name}/${round}.txt`
      const content = `${name} ${round} ${random()}\n`
      writeFiles(folder, { [file]: content })
      if (await run(['add', file])) promised.files.set(file, content)
      const made = await run(['commit', '-m', `${name} ${round}`, '--json'])
      if (made) promised.commits.add(JSON.parse(made.stdout).commitId ?? '')
    }
  }
  async function labeller() {
    const id = pick(random, ['a', 'b', 'c'])
    for (let round = 0; round < rounds && !isOver(); round += 1) {
      writeFiles(folder, {
        [`data/Annotations/${id}.xml`]: vocXml(id, [['cat', 1, 1, 5 + (round % 20), 9]]),
      })
      await run(['commit', '-a', '-m', `labels ${round}`])
    }
  }
  async function brancher() {
    for (let round = 0; round < rounds && !isOver(); round += 1) {
      if (await run(['branch', `b${round}`])) promised.branches.add(`refs/heads/b${round}`)
      if (await run(['tag', `t${round}`])) promised.tags.add(`refs/tags/t${round}`)
    }
  }
  async function reader() {
    const commands = [['status'], ['log'], ['diff'], ['ls'], ['fsck'], ['branch']]
    for (let round = 0; round < rounds * 2 && !isOver(); round += 1) {
      await run(commands[round % commands.length], new Set(['DSV_FILE_CHANGED']))
    }
  }
  async function collector() {
    for (let round = 0; round < rounds && !isOver(); round += 1) {
      await run(round % 2 === 0 ? ['gc'] : ['gc', '--prune', 'now'])
    }
  }
  async function killed() {
    for (let round = 0; round < rounds && !isOver(); round += 1) {
      const file = `killed/${round}.txt`
      writeFiles(folder, { [file]: `${round}\n` })
      counts.commands += 1
      await startDsv(folder, ['add', file], { killAfterMs: 50 + random() * 300 })
    }
  }
  const all = [committer('one'), committer('two'), labeller(), brancher(), reader(), collector()]
  await Promise.all([...all, killed()])
  await checkPromises(library, folder, promised, problems)
  await mustRun(folder, ['fsck', '--full'], problems)
  await mustRun(folder, ['gc', '--prune', 'now'], problems)
  await mustRun(folder, ['fsck', '--full'], problems)
  counts.promises =
    promised.files.size + promised.branches.size + promised.tags.size + promised.commits.size
  return { counts, problems }
}

async function newRepository(library, scratch, name) {
  const folder = path.join(scratch, name, 'work')
  fs.mkdirSync(folder, { recursive: true })
  await prepareRepository(library, folder)
  return folder
}

async function checkPromises(library, folder, promised, problems) {
  await withRepository(library, folder, async (repository) => {
    const { refs, headCommit, work } = await repository.state()
    for (const name of [...promised.branches, ...promised.tags]) {
      if (!refs.has(name)) problems.push(`${name} was made and is not there`)
    }
    const reader = repository.store.objects
    for (const [file, content] of promised.files) {
      const entry = await library.getEntry(reader, work.stage.files, library.encodePath(file))
      const record = entry && library.decodeFile(entry)
      const bytes = record && Buffer.from(await reader.getBlob(record.blob)).toString()
      if (bytes !== content) problems.push(`${file} was added and is ${bytes}`)
    }
    const reached = new Set()
    const commits = { commit: async (id) => repository.commit(id) }
    for await (const { commitId } of library.walkCommits(commits, [headCommit]))
      reached.add(commitId)
    for (const id of promised.commits) {
      if (id !== '' && !reached.has(id))
        problems.push(`commit ${id} was made and is not in the log`)
    }
  })
}

const KILLED = [
  ['add', '.'],
  ['commit', '-a', '-m', 'killed'],
  ['switch', 'other'],
  ['switch', 'main'],
  ['merge', 'other'],
  ['reset', '--hard', 'HEAD'],
  ['stash'],
  ['undo'],
  ['gc'],
  ['gc', '--prune', 'now'],
]

/** Kills the built dsv at a random moment, over and over in one repository that lives on. */
export async function killOften(library, scratch, { rounds, seed, isOver = () => false }) {
  const folder = await newRepository(library, scratch, 'killed')
  const random = randomFrom(seed)
  const problems = []
  let kills = 0
  let commands = 0
  for (let round = 0; round < rounds && !isOver(); round += 1) {
    writeFiles(folder, {
      [`notes/${round % 9}.txt`]: `round ${round}\n`,
      'large.bin': Buffer.alloc(50_000, `round ${round}`),
      'data/Annotations/b.xml': vocXml('b', [['dog', 1 + (round % 9), 2, 20, 20]]),
    })
    const args = pick(random, KILLED)
    const ended = await startDsv(folder, args, { killAfterMs: 40 + random() * 350 })
    commands += 1
    if (ended.signal === 'SIGKILL') kills += 1
    else if (ended.exitCode !== 0 && ended.code === undefined) problems.push(describe(ended))
    const where = `after round ${round} (${args.join(' ')})`
    const found = []
    await mustRun(folder, ['status'], found)
    await mustRun(folder, ['fsck', '--full'], found)
    problems.push(...found.map((problem) => `${where}: ${problem}`))
    if (round % 10 === 9) {
      await startDsv(folder, ['merge', '--abort'])
      await mustRun(folder, ['add', '.'], problems)
      await mustRun(folder, ['commit', '--allow-empty', '-m', `round ${round}`], problems)
    }
  }
  return { counts: { commands, kills }, problems }
}

/** Locks and journals whose owners are gone must not stop anybody. */
export async function staleLocks(library, scratch) {
  const folder = await newRepository(library, scratch, 'stale')
  const problems = []
  const hour = 3_600_000
  const owner = library.thisOwner()
  const dead = { ...owner, pid: 4_194_303 }
  const owners = {
    'a dead process': { content: dead, ageMs: 0 },
    'a number that another process has now': {
      content: { ...owner, pid: process.pid, startTime: '1' },
      ageMs: 0,
    },
    'a process before the restart': { content: { ...owner, boot: 'another' }, ageMs: 0 },
    'another machine, long ago': { content: { ...owner, host: 'elsewhere' }, ageMs: 2 * hour },
    'nobody, seconds ago': { content: undefined, ageMs: 10_000 },
  }
  let cases = 0
  for (const [name, { content, ageMs }] of Object.entries(owners)) {
    const text = content === undefined ? '' : JSON.stringify(content)
    const place = (at, more = text) => {
      const file = path.join(folder, '.dsv', at)
      fs.writeFileSync(file, more)
      fs.utimesSync(file, (Date.now() - ageMs) / 1000, (Date.now() - ageMs) / 1000)
    }
    for (const at of ['root.lock', 'root.lock.break']) {
      // The guard of a lock only says how old it is.
      if (at.endsWith('.break') && ageMs === 0) continue
      cases += 1
      place('root.lock')
      if (at.endsWith('.break')) place(at)
      const found = []
      await mustRun(folder, ['commit', '--allow-empty', '-m', name], found)
      problems.push(...found.map((problem) => `${at} of ${name}: ${problem}`))
    }
    cases += 1
    const { work } = await withRepository(library, folder, (repository) => repository.state())
    const { files } = work.stage
    const journal = { from: files, to: files, serial: work.moved?.serial ?? 0, ...content }
    place('local/checkout.json', content === undefined ? '' : JSON.stringify(journal))
    const found = []
    for (const target of ['other', 'main']) await mustRun(folder, ['switch', target], found)
    problems.push(...found.map((problem) => `a checkout of ${name}: ${problem}`))
  }
  await mustRun(folder, ['fsck', '--full'], problems)
  return { counts: { 'stale locks and journals': cases }, problems }
}

/** Other users: one who may only read, and one of the same group. Needs to be root to become them. */
export async function otherUsers(library, scratch) {
  if (process.getuid() !== 0)
    return { counts: { 'other users': 'left out: not root' }, problems: [] }
  fs.chmodSync(scratch, 0o755)
  const folder = await newRepository(library, scratch, 'users')
  const problems = []
  writeFiles(folder, { 'data/Annotations/a.xml': vocXml('a', [['cat', 3, 3, 9, 9]]) })
  const reader = { uid: 65_534, gid: 65_534 }
  const shown = await mustRun(folder, ['status'], problems, reader)
  if (!shown.stdout.includes('data')) problems.push(`status shows ${shown.stdout}`)
  const difference = await mustRun(folder, ['diff'], problems, reader)
  if (!/cat/.test(difference.stdout)) problems.push(`diff shows ${difference.stdout}`)
  for (const args of [['log'], ['ls'], ['fsck', '--full'], ['show'], ['branch']]) {
    await mustRun(folder, args, problems, reader)
  }
  for (const args of [['add', '.'], ['commit', '-am', 'x'], ['switch', 'other'], ['gc']]) {
    const ended = await startDsv(folder, args, reader)
    const isClear = ended.exitCode === 1 && /DSV_STORAGE_DENIED|EACCES|EPERM/.test(ended.stderr)
    if (!isClear) problems.push(`read-only: ${describe(ended)}`)
  }
  await sharedFolder(scratch, problems)
  return { counts: { 'commands of other users': 11 + 14 }, problems }
}

/** Two users of one group in a folder with the set-group-id bit and umask 002 work in turn. */
async function sharedFolder(scratch, problems) {
  const folder = path.join(scratch, 'shared', 'work')
  fs.mkdirSync(folder, { recursive: true })
  fs.chownSync(folder, 40_001, 50_000)
  fs.chmodSync(folder, 0o2775)
  fs.mkdirSync(path.join(scratch, 'shared', 'home'), { recursive: true })
  fs.chmodSync(path.join(scratch, 'shared', 'home'), 0o777)
  const users = [40_001, 40_002].map((uid) => ({ uid, gid: 50_000, umask: '002' }))
  await mustRun(folder, ['init'], problems, users[0])
  for (let round = 0; round < 4; round += 1) {
    const file = path.join(folder, `${round}.txt`)
    fs.writeFileSync(file, Buffer.alloc(round * 20_000, `${round}`))
    fs.chownSync(file, users[round % 2].uid, 50_000)
    await mustRun(folder, ['add', '.'], problems, users[round % 2])
    await mustRun(folder, ['commit', '-m', `${round}`], problems, users[round % 2])
    await mustRun(folder, ['gc', '--prune', 'now'], problems, users[(round + 1) % 2])
  }
  await mustRun(folder, ['fsck', '--full'], problems, users[1])
}

/** Clocks that jump, odd time zones and languages. */
export async function oddClocks(library, scratch) {
  const folder = await newRepository(library, scratch, 'clock')
  const problems = []
  let commands = 0
  const year = 365 * 24 * 3_600_000
  const shifts = [0, -20 * year, 30 * year, 0, -1 * year, 100 * year, 0]
  const languages = [
    { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Chatham' },
    { LANG: 'C', LC_ALL: 'C', TZ: 'America/St_Johns' },
    { LANG: 'ar_EG.UTF-8', LC_ALL: 'ar_EG.UTF-8', TZ: 'Nowhere/Unknown' },
    { LANG: '', LC_ALL: '', TZ: '' },
  ]
  for (const [round, shiftMs] of shifts.entries()) {
    const source = `const now = Date.now; Date.now = () => now() + ${shiftMs}`
    const env = {
      ...languages[round % languages.length],
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}`,
    }
    writeFiles(folder, {
      'INIT.txt': `round ${round}\n`,
      'data/Annotations/b.xml': vocXml('b', [['Iı', 1, 1, 5 + round, 9]]),
    })
    const list = [['add', '.'], ['commit', '-m', `İ ${round}`], ['switch', 'other'], ['status']]
    for (const args of [...list, ['switch', 'main'], ['gc'], ['gc', '--prune', 'now'], ['log']]) {
      commands += 1
      await mustRun(folder, args, problems, { env })
    }
    const clean = await mustRun(folder, ['status', '--json'], problems, { env })
    const { unstaged, untracked } = JSON.parse(clean.stdout || '{}')
    if (unstaged?.length !== 0 || untracked?.length !== 0)
      problems.push(`not clean: ${clean.stdout}`)
    // An edit of the same size right after: the clock must not hide it.
    writeFiles(folder, { 'INIT.txt': `Round ${round}\n` })
    const edited = await mustRun(folder, ['status', '--json'], problems, { env })
    if (!edited.stdout.includes('INIT.txt')) problems.push(`an edit is hidden in round ${round}`)
    await mustRun(folder, ['fsck', '--full'], problems, { env })
  }
  return { counts: { 'commands with odd clocks, zones and languages': commands }, problems }
}
