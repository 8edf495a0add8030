import type { AnnotationDraft } from '@dsv/core'
import { loadAdapter } from '@dsv/formats'
import { testAdapter } from '../adapter-contract.ts'

// Every region has an id in Label Studio.
testAdapter('label-studio', await loadAdapter('label-studio'), {
  adds: ['sourceId'],
  normalise: nearNumbers,
})

/** Hundredths of the size of an image are not always pixels to the last bit. */
function nearNumbers(annotation: AnnotationDraft): AnnotationDraft {
  return JSON.parse(JSON.stringify(annotation), (_key, value: unknown) => {
    return typeof value === 'number' ? Number(value.toFixed(9)) : value
  })
}
