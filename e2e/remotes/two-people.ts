import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from '@jest/globals'
import { type Finished, openSandbox, type Sandbox } from '../sandbox.ts'
import { samplePng } from '../safety/sample-datasets.ts'

/** A place to share a repository in. */
export interface SharedPlace {
  readonly url: string
  /** What goes after the address: `--option name=value`. */
  readonly options?: readonly string[]
  /** Where secrets are. */
  readonly env?: Readonly<Record<string, string>>
  /** What `dsv remote add` says of it besides, while nothing was pushed. */
  readonly isBegun?: boolean
  readonly stop?: () => Promise<void>
}

/** Tells the story of two people who share a repository through the built binary. */
export function testTwoPeople(
  name: string,
  begin: (sandbox: Sandbox) => Promise<SharedPlace>,
): void {
  it(`two people share a repository over ${name}`, async () => {
    using sandbox = openSandbox()
    const place = await begin(sandbox)
    try {
      const [ada, bob] = await tellStory(sandbox, place)
      expect(await ada.does('log', '--oneline')).toBe(await bob.does('log', '--oneline'))
    } finally {
      await place.stop?.()
    }
  }, 240_000)
}

async function tellStory(sandbox: Sandbox, place: SharedPlace): Promise<readonly [Person, Person]> {
  const { url, options = [] } = place
  const ada = person(sandbox, place, 'ada')
  const bob = person(sandbox, place, 'bob')

  // Ada begins.
  writeStreet(sandbox)
  await ada.does('init')
  await ada.does('add', 'street')
  await ada.does('commit', '-m', 'first labels')
  const added = await ada.does('remote', 'add', 'origin', url, ...options)
  expect(added).toContain(place.isBegun === true ? `is ${url}\n` : 'the first push begins')
  expect(await ada.does('push')).toMatch(/^To .*\n \* \[new branch\] {2}main\nPushed 1 commit, /)
  expect(await ada.does('push')).toBe('origin has everything already.\n')

  // Bob gets it; both change other boxes of one image.
  const cloned = await sandbox.run(['clone', url, 'bob', ...options], { env: ada.env })
  expect(cloned).toMatchObject({ exitCode: 0, stderr: '' })
  expect(cloned.stdout).toContain('on branch main')
  ada.moves('a', 'cat', 2)
  await ada.does('commit', '-am', 'move the cat')
  await ada.does('push')
  bob.moves('a', 'dog', 21)
  await bob.does('commit', '-am', 'move the dog')
  const refused = await bob.tries('push')
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toContain('main has commits over there that yours lacks')
  expect(refused.stderr).toContain('dsv pull')
  const merged = await bob.tries('pull')
  expect(merged.stderr).toContain('  origin/main\nGot 1 commit')
  expect(merged).toMatchObject({ exitCode: 0 })
  expect(merged.stdout).toContain('Merged origin/main')
  await bob.does('push')
  expect(await ada.does('pull')).toContain('Fast-forwarded')
  for (const one of [ada, bob]) {
    expect(one.boxes('a')).toEqual({ cat: 2, dog: 21 })
    expect(await one.does('status')).toContain('working tree clean')
  }

  // Both change one box.
  ada.moves('b', 'cat', 3)
  await ada.does('commit', '-am', 'move it')
  await ada.does('push')
  bob.moves('b', 'cat', 4)
  await bob.does('commit', '-am', 'move it elsewhere')
  const conflict = await bob.tries('pull')
  expect(conflict.exitCode).toBe(1)
  expect(conflict.stdout).toContain('1 conflict')
  await bob.does('resolve', '--all', '--ours')
  await bob.does('commit', '-m', 'settled')
  await bob.does('push')
  await ada.does('pull')
  expect(ada.boxes('b')).toEqual({ cat: 4 })
  for (const one of [ada, bob]) await one.does('fsck')
  return [ada, bob]
}

interface Person {
  readonly env: Readonly<Record<string, string>>
  tries(...args: readonly string[]): Promise<Finished>
  /** The same, where it has to succeed without a word on standard error; pulls report there. */
  does(...args: readonly string[]): Promise<string>
  moves(image: string, name: string, left: number): void
  /** The left edge of each box, by its name. */
  boxes(image: string): Record<string, number>
}

function person(sandbox: Sandbox, { env: secrets = {} }: SharedPlace, name: string): Person {
  const env = {
    ...secrets,
    DSV_AUTHOR_NAME: name,
    DSV_AUTHOR_EMAIL: `${name}@example.org`,
  }
  const fileOf = (image: string): string => sandbox.at(`${name}/street/Annotations/${image}.xml`)
  const tries = async (...args: readonly string[]): Promise<Finished> =>
    sandbox.run(args, { cwd: path.join('work', name), env })
  return {
    env,
    tries,
    does: async (...args) => {
      const { exitCode, stdout, stderr } = await tries(...args)
      if (exitCode !== 0) throw new Error(`${name}: dsv ${args.join(' ')}: ${stderr}${stdout}`)
      return stdout
    },
    moves: (image, what, left) => {
      const text = readFileSync(fileOf(image), 'utf8')
      const box = new RegExp(`(<name>${what}</name><bndbox><xmin>)\\d+`)
      writeFileSync(fileOf(image), text.replace(box, `$1${left}`))
    },
    boxes: (image) => {
      const text = readFileSync(fileOf(image), 'utf8').replaceAll(/\s+/g, '')
      const found = text.matchAll(/<name>(\w+)<\/name>.*?<xmin>(\d+)/g)
      return Object.fromEntries([...found].map(([, what = '', left]) => [what, Number(left)]))
    },
  }
}

/** Image a with a cat and a dog, image b with a cat, in Pascal VOC, in the working tree of Ada. */
function writeStreet({ write }: Sandbox): void {
  const objects = { a: ['cat', 'dog'], b: ['cat'] }
  for (const [image, names] of Object.entries(objects)) {
    write(`ada/street/JPEGImages/${image}.png`, samplePng(image.length))
    write(`ada/street/Annotations/${image}.xml`, vocXml(image, names))
  }
  write('ada/street/ImageSets/Main/train.txt', 'a\nb\n')
}

function vocXml(image: string, names: readonly string[]): string {
  const boxes = names.map((name, index) => {
    const top = 1 + 10 * index
    return `<object><name>${name}</name><bndbox><xmin>1</xmin><ymin>${top}</ymin><xmax>30</xmax><ymax>${top + 8}</ymax></bndbox></object>`
  })
  const size = '<size><width>40</width><height>30</height><depth>1</depth></size>'
  return `<annotation><filename>${image}.png</filename>${size}${boxes.join('')}</annotation>\n`
}
