import type { DatasetView } from '@dsv/core'
import {
  compareStatistics,
  comparisonPage,
  type Statistics,
  statisticsOf,
  statisticsPage,
} from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import { XMLValidator } from 'fast-xml-parser'
import { memoryDatasetView } from '../../../formats/test/dataset-view.ts'

function viewOf(labels: readonly string[]): DatasetView {
  const names = ['Car', '<b>Dog</b>']
  return memoryDatasetView(
    { categories: names.map((name) => ({ key: name, name })), attributes: [], info: {} },
    [
      {
        subset: 'train',
        id: 'a',
        media: [{ role: 'primary', kind: 'image', path: 'a.png', width: 4, height: 2 }],
        layers: {
          ground_truth: labels.map((category) => ({
            type: 'box' as const,
            x: 0,
            y: 0,
            width: 2,
            height: 2,
            category,
            attributes: { '<i>': '</td>' },
          })),
        },
      },
    ],
  )
}

async function of(...labels: readonly string[]): Promise<Statistics> {
  return statisticsOf([{ path: 'data', view: viewOf(labels) }], { groups: ['width'] })
}

describe('compareStatistics', () => {
  it('has each figure of both with its difference', async () => {
    const { figures, divergence } = compareStatistics(
      await of('Car', 'Car'),
      await of('Car', '<b>Dog</b>', '<b>Dog</b>'),
    )
    expect(figures).toContainEqual({
      group: 'annotations',
      name: '',
      figure: 'count',
      from: 2,
      to: 3,
      change: 1,
    })
    expect(figures).toContainEqual({
      group: 'categories',
      name: 'Car',
      figure: 'count',
      from: 2,
      to: 1,
      change: -1,
    })
    expect(figures).toContainEqual(
      expect.objectContaining({ group: 'custom', name: 'width = 2', change: 1 }),
    )
    expect(divergence).toBeGreaterThan(0)
  })

  it('finds no difference of equal statistics', async () => {
    const { figures, divergence } = compareStatistics(await of('Car'), await of('Car'))
    expect(figures.filter(({ change }) => change !== 0)).toEqual([])
    expect(divergence).toBe(0)
  })

  it('has null where a version lacks the figure', async () => {
    const { figures } = compareStatistics(await of(), await of('Car'))
    const types = figures.filter(({ group }) => group === 'types')
    expect(types).toEqual([
      { group: 'types', name: 'box', figure: 'count', from: null, to: 1, change: 1 },
    ])
  })
})

describe('pages of statistics', () => {
  it('are well-formed, and escape what datasets say', async () => {
    const [one, two] = [await of('Car'), await of('<b>Dog</b>', 'Car')]
    const pages = [
      statisticsPage({ title: 'A & B', about: '<data>' }, two),
      comparisonPage({ title: 'A & B' }, compareStatistics(one, two)),
    ]
    for (const page of pages) {
      const body = page.slice(page.indexOf('<body>'), page.indexOf('</html>'))
      expect(XMLValidator.validate(body)).toBe(true)
      expect(body).toContain('&lt;b&gt;Dog&lt;/b&gt;')
      expect(body).not.toContain('<b>')
    }
  })

  it('show the figures', async () => {
    const page = statisticsPage({ title: 'Streets' }, await of('Car', '<b>Dog</b>', 'Car'))
    expect(page).toContain('<td class="text">Car</td><td>2</td><td>66.6667</td>')
    expect(page).toContain('<figcaption>Items that have both</figcaption>')
    expect(page).toContain('<figcaption>Area: mean 4, median 4, from 4 to 4</figcaption>')
  })
})
