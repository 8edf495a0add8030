import { diskFolder, loadAdapter } from '@dsv/formats'
import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readAll } from '../adapter-contract.ts'

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url))
const factsFile = `${shared}facts/imports.dev.json`
const hasFacts = existsSync(factsFile)
const describeWhenThere = hasFacts ? describe : describe.skip

interface Fact {
  readonly asset: string
  readonly format: string
  readonly items: readonly {
    readonly id: string
    readonly subset: string
    readonly media: { readonly path: string; readonly size_hw: readonly [number, number] }
    readonly annotations: readonly {
      readonly label_name: string
      readonly xywh?: readonly number[]
    }[]
  }[]
}

describeWhenThere('what another tool imports (needs the folder ../shared)', () => {
  it.each([
    ['yolo', 'yolo_dataset/strict', 'yolo'],
    ['yolo', 'roboflow_dataset/yolo', 'roboflow_yolo'],
    ['image-folder', 'image_dir_dataset', 'image_dir'],
    ['image-folder', 'synthetic_dataset/images', 'image_dir'],
    ['image-folder', 'imagenet_dataset', 'imagenet'],
  ])('%s reads from %s too', async (name, asset, theirFormat) => {
    const folder = diskFolder(`${shared}data/datumaro-assets/${asset}`)
    const adapter = await loadAdapter(name)
    const { items, losses } = await readAll(adapter, folder)
    const read = items.map((item) => ({
      subset: item.subset,
      path: item.media[0]?.path,
      size: [item.media[0]?.height, item.media[0]?.width],
      annotations: (item.layers['ground_truth'] ?? []).map((annotation) => ({
        label: annotation.category,
        box: annotation.type === 'box' ? boxText(annotation) : undefined,
      })),
    }))
    expect(read).toEqual(expect.arrayContaining([...factItems(asset, theirFormat)]))
    expect(read).toHaveLength(factItems(asset, theirFormat).length)
    expect(losses).toEqual([])
    expect((await adapter.detect(folder)).confidence).toBeGreaterThanOrEqual(0.5)
  })
})

function factItems(asset: string, format: string): readonly unknown[] {
  if (!hasFacts) return []
  const facts: readonly Fact[] = JSON.parse(readFileSync(factsFile, 'utf8'))
  const fact = facts.find((each) => each.asset === asset && each.format === format)
  return (fact?.items ?? []).map(({ subset, media, annotations }) => ({
    subset,
    path: media.path,
    size: media.size_hw,
    annotations: annotations.map(({ label_name: label, xywh }) => ({
      label,
      box: xywh && roundedText(xywh),
    })),
  }))
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function boxText({ x, y, width, height }: Box): string {
  return roundedText([x, y, width, height])
}

/** The other tool rounds to two decimals. */
function roundedText(numbers: readonly number[]): string {
  return numbers.map((number) => (Math.round(number * 100) / 100 + 0).toFixed(2)).join(' ')
}
