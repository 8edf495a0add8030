import type { SnapshotDiff } from '@dsv/core'
import { diffSummarizer } from '@dsv/core'
import { type DiffDetail } from './diff-lines.ts'
import { jsonText } from './json-text.ts'

/**
 * Yields a diff as JSON, item by item, so that memory does not grow with it.
 * `docs/json.md` describes the shape.
 *
 * @yields pieces that together are one JSON value and a line feed
 */
export async function* diffJson(
  difference: SnapshotDiff,
  detail: DiffDetail,
): AsyncGenerator<string, void, undefined> {
  yield '{"datasets":['
  let separator = ''
  for (const { items, ...dataset } of difference.datasets) {
    const { path, change, formats, schema } = dataset
    yield `${separator}${inner({ path, change, formats, schema })},"items":[`
    separator = ','
    const summarizer = diffSummarizer()
    let comma = ''
    for await (const item of items()) {
      summarizer.add(item)
      if (detail === 'stat') continue
      yield comma + jsonText(detail === 'names' ? { from: item.from, to: item.to } : item).trimEnd()
      comma = ','
    }
    yield `],"summary":${jsonText(summarizer.summary()).trimEnd()}}`
  }
  yield '],"files":['
  let comma = ''
  for await (const file of difference.files()) {
    yield comma + jsonText(file).trimEnd()
    comma = ','
  }
  yield ']}\n'
}

/** The object without its closing brace. */
function inner(value: object): string {
  return jsonText(value).trimEnd().slice(0, -1)
}
