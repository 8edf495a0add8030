import { type Category, GROUND_TRUTH, type SourceItem } from '@dsv/core'
import { pngOfPixels, type RawPixels } from './raw-pixels.ts'

/** Returns an item whose image lies inside another file; as a file of its own it is a PNG. */
export function pixelItem(
  key: { readonly subset: string; readonly id: string },
  pixels: RawPixels | undefined,
  category: Category | undefined,
): SourceItem {
  const { subset, id } = key
  const labels = category === undefined ? [] : [{ type: 'label', category: category.key } as const]
  const layers = { [GROUND_TRUTH]: labels }
  if (pixels === undefined) return { subset, id, media: [], layers }
  const { width, height, channels } = pixels
  const path = `${subset}/${id}.png`
  const content = async (): Promise<Uint8Array> => pngOfPixels(pixels)
  return {
    subset,
    id,
    media: [{ role: 'primary', path, kind: 'image', width, height, channels, content }],
    layers,
  }
}
