import type { Format } from '@dsv/core'

/** Images in folders: nothing but their paths, or a folder for each class. */
export const imageFolderFormat: Format = {
  name: 'image-folder',
  title: 'Folders of images (plain, or one folder per class as ImageNet)',
  source: new URL(
    'https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html',
  ),
  holds: new Set(['label']),
  variants: ['plain', 'classes'],
}
