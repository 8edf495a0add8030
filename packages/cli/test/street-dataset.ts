import type { Sandbox } from './run-cli.ts'

/** An object of a VOC file: name, then `xmin, ymin, xmax, ymax`. */
export type VocObject = readonly [name: string, corners: readonly [number, number, number, number]]

/** Writes a Pascal VOC dataset `street`: three images in train, one in val. */
export function writeStreet(sandbox: Sandbox): void {
  writeImage(sandbox, 'a', [
    ['lorry', [11, 21, 40, 60]],
    ['walker', [1, 1, 5, 9]],
  ])
  writeImage(sandbox, 'b', [['kitten', [2, 2, 9, 9]]])
  writeImage(sandbox, 'c', [])
  writeImage(sandbox, 'd', [['lorry', [5, 5, 20, 20]]])
  sandbox.write('street/labelmap.txt', 'lorry:1,0,0::\nwalker:2,0,0::\nkitten:3,0,0::\n')
  sandbox.write('street/ImageSets/Main/train.txt', 'a\nb\nc\n')
  sandbox.write('street/ImageSets/Main/val.txt', 'd\n')
}

/** Writes an image of `street` and its annotations. */
export function writeImage(sandbox: Sandbox, id: string, objects: readonly VocObject[]): void {
  sandbox.write(`street/JPEGImages/${id}.jpg`, `pixels of ${id}`)
  const lines = objects.map(
    ([name, [xmin, ymin, xmax, ymax]]) =>
      `<object><name>${name}</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`,
  )
  sandbox.write(
    `street/Annotations/${id}.xml`,
    `<annotation><filename>${id}.jpg</filename><size><width>100</width><height>100</height><depth>3</depth></size>${lines.join('')}</annotation>\n`,
  )
}

/** Makes a repository that has committed `street` and a plain file. */
export async function commitStreet(sandbox: Sandbox): Promise<void> {
  writeStreet(sandbox)
  sandbox.write('README.md', 'streets\n')
  await sandbox.dsv('init')
  await sandbox.dsv('add', 'street', 'README.md')
  await sandbox.dsv('commit', '-m', 'first labels')
}
