import type { Media } from '@dsv/core'
import { findDuplicates, NEAR_DUPLICATE_DISTANCE } from '../duplicates/find-duplicates.ts'
import { MAX_HASH_DISTANCE } from '../duplicates/group-hashes.ts'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { quoted } from './describe-annotation.ts'
import { repeatedKeys } from './repeated-keys.ts'

/** Checks for images that are there twice. Memory: 8 bytes an item, with pixels some 90; more for each that is found. */
export const LEAK_CHECKS: CheckFamily = {
  title: 'Equal images',
  checks: [
    {
      name: 'subset-leak',
      severity: 'error',
      about: 'The same image, byte for byte, is in two subsets.',
      repair: { does: 'drops the item of the later subset', isAsked: true },
    },
    {
      name: 'image-duplicate',
      severity: 'warning',
      about: 'The same image, byte for byte, is in one subset twice.',
      repair: { does: 'drops the second item', isAsked: true },
    },
    {
      name: 'subset-near-leak',
      severity: 'warning',
      about: 'Images of two subsets look alike, encoded again or made smaller.',
      parameters: {
        distance: {
          default: NEAR_DUPLICATE_DISTANCE,
          most: MAX_HASH_DISTANCE,
          about: 'Bits of 64 in which the perceptual hashes may differ',
        },
      },
      needsPixels: true,
      repair: { does: 'drops the item of the later subset', isAsked: true },
    },
  ],
  inspect: (context) => ({ ...inspectLeaks(context), end: async () => reportNearLeaks(context) }),
}

function inspectLeaks({ report, isOn }: InspectContext): Inspector {
  if (!isOn('subset-leak') && !isOn('image-duplicate')) return {}
  const keys = repeatedKeys()
  const first = new Map<string, { readonly subset: string; readonly id: string }>()
  return {
    item: ({ image }) => {
      const key = contentKey(image)
      if (key !== undefined) keys.add(key)
    },
    needsSecondLook: keys.hasRepeated,
    itemAgain: ({ item: { subset, id }, image }: CheckedItem) => {
      const key = contentKey(image)
      if (key === undefined || !keys.isRepeated(key)) return
      const other = first.get(key)
      if (other === undefined) {
        first.set(key, { subset, id })
        return
      }
      const check = other.subset === subset ? 'image-duplicate' : 'subset-leak'
      const message = `The image is that of ${quoted(`${other.subset}/${other.id}`)}`
      report(check, { subset, id, message })
    },
  }
}

/** Reports who looks like an item of another subset before it; equal files are reported already. */
async function reportNearLeaks(context: InspectContext): Promise<void> {
  const { report, isOn, parameter, signal, readMedia } = context
  if (!isOn('subset-near-leak')) return
  const distance = Math.floor(parameter('subset-near-leak', 'distance'))
  for (const group of await findDuplicates(context, distance, { signal, readMedia })) {
    const firsts = new Map<string, string>()
    const subsetOf = new Map<string, string>()
    for (const { subset, id, blob } of group) {
      const other = [...firsts].find(([each]) => each !== subset)?.[1]
      const equal = subsetOf.get(blob)
      if (other !== undefined && (equal === undefined || equal === subset))
        report('subset-near-leak', {
          subset,
          id,
          message: `The image looks like that of ${quoted(other)}`,
        })
      if (!firsts.has(subset)) firsts.set(subset, `${subset}/${id}`)
      if (equal === undefined) subsetOf.set(blob, subset)
    }
  }
}

/** Names the pixels of an image: frames of one video are different images. */
function contentKey(image: Media | undefined): string | undefined {
  if (image?.blob === undefined) return undefined
  return image.frame === undefined ? image.blob : `${image.blob} ${image.frame.index}`
}
