import {
  barChart,
  heatMap,
  histogram,
  htmlPage,
  htmlTable,
  lineChart,
  PAGE_MARK,
  paragraph,
} from '@dsv/analysis'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { XMLValidator } from 'fast-xml-parser'

/** Texts that would break out of where they are written. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('</title><script>alert(1)</script>', '" onload="x', "'&<>", '\u0000\u001b[31m'),
)
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Infinity, NaN, 1e308, -1e308, 5e-324),
)
const list = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(each, { maxLength: 6 })

describe('htmlPage', () => {
  it('is well-formed and holds no script, whatever texts and numbers it shows', () => {
    fc.assert(
      fc.property(
        text,
        list(text),
        list(list(number)),
        list(fc.tuple(number, number)),
        (title, names, values, points) => {
          const named = names.map((label, index) => ({ label, values: values[index] ?? [] }))
          const bins = points.map(([from, to]) => ({ from, to, count: from }))
          const page = htmlPage({
            title,
            about: title,
            sections: [
              {
                title,
                pieces: [
                  paragraph(title),
                  barChart({ title, bars: named, series: names }),
                  heatMap({ title, rows: names, columns: names, values }),
                  histogram({ title, bins, xLabel: title }),
                  lineChart({ title, series: [{ name: title, points }], xLabel: title }),
                  htmlTable({ title, head: names, rows: [[title, 1, { change: -2 }]] }),
                ],
              },
            ],
          })
          expect(page.startsWith(PAGE_MARK)).toBe(true)
          const body = page.slice(page.indexOf('<body>'), page.indexOf('</html>'))
          expect(XMLValidator.validate(body)).toBe(true)
          expect(body).not.toMatch(/<script|NaN|Infinity/u)
        },
      ),
    )
  })

  it('loads nothing from elsewhere', () => {
    const page = htmlPage({ title: 'cats', sections: [] })
    expect(page).not.toMatch(/https?:|src=|url\(|@import/u)
    expect(page).toContain(`default-src 'none'`)
  })

  it('leaves out sections of which there is nothing to show', () => {
    const page = htmlPage({ title: 'cats', sections: [{ title: 'dogs', pieces: [] }] })
    expect(page).not.toContain('dogs')
  })
})

describe('barChart', () => {
  it('draws bars as long as their values, downwards from zero to the left', () => {
    const { html } = barChart({
      title: 'cats',
      bars: [
        { label: 'a', values: [50] },
        { label: 'b', values: [100] },
      ],
    })
    const widths = [...html.matchAll(/<rect x="150" y="\d+" width="(\d+)"/gu)].map(([, w]) =>
      Number(w),
    )
    expect(widths).toEqual([180, 360])
  })
})

describe('lineChart', () => {
  it('breaks the line where a value is missing, and draws a lone point as a dot', () => {
    const { html } = lineChart({
      title: 'loss',
      series: [
        {
          name: 'train',
          points: [
            [0, 0],
            [1, 1],
            [2, NaN],
            [3, 1],
          ],
        },
      ],
    })
    expect(html.match(/<path/gu)).toHaveLength(1)
    expect(html.match(/<circle/gu)).toHaveLength(1)
    expect(html).toContain('d="M60 264L')
  })
})

describe('htmlTable', () => {
  it('shows changes with their sign, and thousands apart', () => {
    const { html } = htmlTable({
      head: ['what'],
      rows: [['boxes', 1234567, { change: 12 }, { change: -0.5 }]],
    })
    expect(html).toContain('<td class="text">boxes</td><td>1,234,567</td>')
    expect(html).toContain('<td class="more">+12</td><td class="less">-0.5</td>')
  })
})
