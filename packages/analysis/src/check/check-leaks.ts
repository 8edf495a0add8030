import type { Media } from '@dsv/core'
import type { CheckFamily, CheckedItem, InspectContext, Inspector } from './check.ts'
import { quoted } from './describe-annotation.ts'
import { repeatedKeys } from './repeated-keys.ts'

/** Checks for images that are there twice. Memory: some 40 bytes an item; more for each that is found. */
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
  ],
  inspect: inspectLeaks,
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

/** Names the pixels of an image: frames of one video are different images. */
function contentKey(image: Media | undefined): string | undefined {
  if (image?.blob === undefined) return undefined
  return image.frame === undefined ? image.blob : `${image.blob} ${image.frame.index}`
}
