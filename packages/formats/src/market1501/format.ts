import type { Format } from '@dsv/core'

/** Market-1501: images of people by several cameras; what is known of them is in their names. */
export const market1501Format: Format = {
  name: 'market1501',
  title: 'Market-1501',
  source: new URL('https://zheng-lab-anu.github.io/Project/project_reid.html'),
  holds: new Set(),
  variants: [],
}
