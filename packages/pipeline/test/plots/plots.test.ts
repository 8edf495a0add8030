import { describe, expect, it } from '@jest/globals'
import { plotsPage, readPlotData } from '@dsv/pipeline'
import { memoryReader } from '../read/memory-reader.ts'

const PIPELINE = `
stages:
  s:
    cmd: x
    plots:
      - loss.csv: {x: step, y: loss, title: Loss}
      - plain.tsv
      - folder: {x: i}
      - table.csv: {header: false}
plots:
  - both: {x: {loss.csv: step}, y: {loss.csv: loss, history.json: [val, acc]}}
  - cm.yaml: {x: actual, y: predicted, template: confusion_normalized}
  - gone.csv
`

const FILES = {
  'dvc.yaml': PIPELINE,
  'loss.csv': 'step,loss\r\n1,0.5\r\n2,"0.25"\r\n3,\r\n',
  'plain.tsv': 'a\tb\n1\tx\n2\t-3\n',
  'folder/one.json': '[{"i": 5, "v": 1.5}]',
  'folder/deep/two.png': Uint8Array.of(1, 2, 3),
  'folder/notes.txt': 'not a plot',
  'table.csv': '1,2\n3,4\n',
  'history.json': '{"meta": 1, "rows": [{"val": 1, "acc": 2}, {"val": 3}]}',
  'cm.yaml': '- {actual: a, predicted: a}\n- {actual: a, predicted: b}\n',
}

describe('readPlotData', () => {
  it('reads tables and records; without a column the last one, without x the number of the row', async () => {
    const { plots, problems } = await readPlotData([{ name: 'now', reader: memoryReader(FILES) }])
    const drawn = plots.map(({ name, series, images }) => ({
      name,
      series: series.map((each) => [each.name, each.xColumn, each.yColumn, each.points]),
      images: images.map(({ mediaType, bytes }) => [mediaType, [...bytes]]),
    }))
    const plot = (name: string, ...series: readonly unknown[]): unknown => ({
      name,
      series,
      images: [],
    })
    const loss = [
      [1, 0.5],
      [2, 0.25],
      [3, ''],
    ]
    expect(drawn).toEqual([
      plot('loss.csv', ['loss', 'step', 'loss', loss]),
      plot('plain.tsv', [
        'b',
        undefined,
        'b',
        [
          [0, 'x'],
          [1, -3],
        ],
      ]),
      { name: 'folder/deep/two.png', series: [], images: [['image/png', [1, 2, 3]]] },
      plot('folder/one.json', ['v', 'i', 'v', [[5, 1.5]]]),
      plot('table.csv', [
        '1',
        undefined,
        '1',
        [
          [0, 2],
          [1, 4],
        ],
      ]),
      plot(
        'both',
        ['loss.csv loss', 'step', 'loss', loss],
        [
          'history.json val',
          'step',
          'val',
          [
            [1, 1],
            [2, 3],
          ],
        ],
        ['history.json acc', 'step', 'acc', [[1, 2]]],
      ),
      plot('cm.yaml', [
        'predicted',
        'actual',
        'predicted',
        [
          ['a', 'a'],
          ['a', 'b'],
        ],
      ]),
    ])
    expect(problems).toEqual(['The files of the plot gone.csv are not there.'])
  })

  it('puts several sides into one plot, and says which are broken', async () => {
    const sides = [
      {
        name: 'old',
        reader: memoryReader({ ...FILES, 'loss.csv': 'step,loss\n1,9\n', 'cm.yaml': 'a: [' }),
      },
      { name: 'new', reader: memoryReader(FILES) },
    ]
    const { plots, problems } = await readPlotData(
      sides,
      (path) => path === 'loss.csv' || path === 'cm.yaml',
    )
    expect(plots.map(({ name, series }) => [name, series.map((each) => each.name)])).toEqual([
      ['loss.csv', ['old', 'new']],
      [
        'both',
        ['old · loss.csv loss', 'old · history.json val', 'old · history.json acc'].concat([
          'new · loss.csv loss',
          'new · history.json val',
          'new · history.json acc',
        ]),
      ],
      ['cm.yaml', ['new']],
    ])
    expect(problems).toEqual([expect.stringMatching(/^old: cm\.yaml, line \d: is no valid YAML/)])
  })
})

describe('readPlotData of several pipeline files', () => {
  it('keeps plots of one name apart, and draws a file once that two places name', async () => {
    const top = 'plots: [{fit: {x: {a.csv: s}, y: {a.csv: v}}}, {a.csv: {title: Mine}}]'
    const stage = 'stages: {s: {cmd: x, plots: [a.csv]}}'
    const table = 's,v\n1,2\n'
    const reader = memoryReader({
      'p/dvc.yaml': `${top}\n${stage}`,
      'q/dvc.yaml': top,
      'p/a.csv': table,
      'q/a.csv': table,
    })
    const { plots } = await readPlotData([{ name: 'now', reader }])
    expect(plots.map(({ name, plot }) => [name, plot.title])).toEqual([
      ['p/a.csv', 'Mine'],
      ['p/fit', undefined],
      ['q/fit', undefined],
      ['q/a.csv', 'Mine'],
    ])
  })
})

describe('readPlotData of files without their columns', () => {
  it('says which columns there are', async () => {
    const files = {
      'dvc.yaml':
        'plots: [{a.csv: {x: step, y: los}}, {a.csv: {x: stp}}, {b: {x: {c.csv: q}, y: {a.csv: loss}}}]',
      'a.csv': 'step,loss\n1,2\n',
    }
    const { plots, problems } = await readPlotData([{ name: 'now', reader: memoryReader(files) }])
    expect(plots).toEqual([])
    expect(problems).toEqual([
      'now: a.csv has no column stp; it has step, loss.',
      'now: c.csv is not there.',
    ])
  })
})

describe('plotsPage', () => {
  it('draws lines, matrices and images into a page that loads nothing', async () => {
    const { plots } = await readPlotData([{ name: 'now', reader: memoryReader(FILES) }])
    const page = plotsPage(plots, 'now <b>')
    expect(page).toContain('data:image/png;base64,AQID')
    expect(page.match(/<svg/g)).toHaveLength(6)
    expect(page).toContain('now &lt;b&gt;')
    expect(page).not.toMatch(/<script|https?:/)
    // Half of those that are a were taken for b.
    expect(page).toContain('a, b: 0.5')
  })
})
