import type { Format } from '@dsv/core'

/** The layouts that Hugging Face's `datasets` loads: a table beside images, or tables with images inside. */
export const huggingFaceFormat: Format = {
  name: 'hugging-face',
  title: 'Hugging Face datasets (image folder with metadata, Parquet)',
  source: new URL('https://huggingface.co/docs/datasets/image_dataset'),
  holds: new Set(['label', 'box', 'caption']),
  variants: ['imagefolder', 'parquet'],
}
