import { describe, expect, it } from '@jest/globals'
import { parseDate } from '@dsv/core'

const now = { timeSeconds: Date.UTC(2026, 2, 31, 23, 30) / 1000, tzMinutes: 60 }

function iso(text: string): string {
  return new Date(parseDate(text, now) * 1000).toISOString().replace('.000Z', 'Z')
}

describe('parseDate', () => {
  it.each([
    ['now', '2026-03-31T23:30:00Z'],
    ['today', '2026-03-31T23:00:00Z'],
    ['Yesterday', '2026-03-30T23:30:00Z'],
    ['2.weeks', '2026-03-17T23:30:00Z'],
    ['2.weeks.ago', '2026-03-17T23:30:00Z'],
    ['3 days ago', '2026-03-28T23:30:00Z'],
    ['an hour ago', '2026-03-31T22:30:00Z'],
    ['last week', '2026-03-24T23:30:00Z'],
    ['2 months ago', '2026-01-31T23:30:00Z'],
    ['1 year', '2025-03-31T23:30:00Z'],
    ['2026-01-31', '2026-01-30T23:00:00Z'],
    ['2026-01-31 12:00', '2026-01-31T11:00:00Z'],
    ['2026-01-31T12:00:30Z', '2026-01-31T12:00:30Z'],
    ['2026-01-31T12:00:00.5-02:30', '2026-01-31T14:30:00Z'],
    ['@86400', '1970-01-02T00:00:00Z'],
    ['1700000000', '2023-11-14T22:13:20Z'],
  ])('reads %s', (text, expected) => {
    expect(iso(text)).toBe(expected)
  })

  it('stays within a shorter month', () => {
    const march = { timeSeconds: Date.UTC(2026, 2, 31, 12) / 1000, tzMinutes: 0 }
    const found = new Date(parseDate('1 month ago', march) * 1000).toISOString()
    expect(found).toBe('2026-02-28T12:00:00.000Z')
  })

  it.each([
    '',
    'soon',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01T25:00',
    '-1 days',
    '2026',
    '1e3 days',
  ])('refuses %j', (text) => {
    expect(() => parseDate(text, now)).toThrow(expect.objectContaining({ code: 'DSV_DATE_SYNTAX' }))
  })
})
