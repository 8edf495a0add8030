import path from 'node:path'
import { openTextFile } from './write-files.mjs'
import { seededNumbers } from './seeded.mjs'

const COCO_NAMES =
  'person bicycle car motorcycle airplane bus train truck boat trafficlight firehydrant stopsign parkingmeter bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard sportsball kite baseballbat baseballglove skateboard surfboard tennisracket bottle wineglass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hotdog pizza donut cake chair couch pottedplant bed diningtable toilet tv laptop mouse remote keyboard cellphone microwave oven toaster sink refrigerator book clock vase scissors teddybear hairdrier toothbrush'.split(
    ' ',
  )

/**
 * Writes `annotations/instances_train2017.json` with the structure of COCO: info, licenses, images,
 * annotations in no order of images, 80 categories with gaps between their ids.
 *
 * @param points - Mean number of points of a polygon; 0 writes boxes without segmentation
 */
export function writeCoco(folder, { images, annotations, points, seed, edited = new Set() }) {
  const random = seededNumbers(seed)
  const file = openTextFile(path.join(folder, 'annotations/instances_train2017.json'))
  file.write(
    '{"info":{"description":"COCO 2017 Dataset","url":"http://cocodataset.org","version":"1.0","year":2017,"contributor":"COCO Consortium","date_created":"2017/09/01"},',
  )
  file.write(
    '"licenses":[{"url":"http://creativecommons.org/licenses/by-nc-sa/2.0/","id":1,"name":"Attribution-NonCommercial-ShareAlike License"}],"images":[',
  )
  const sizes = new Uint16Array(images * 2)
  for (let n = 0; n < images; n++) {
    const [width, height] =
      random() < 0.7 ? [640, random.whole(360, 520)] : [random.whole(360, 520), 640]
    sizes[2 * n] = width
    sizes[2 * n + 1] = height
    const name = String(imageId(n)).padStart(12, '0')
    file.write(
      `${n === 0 ? '' : ','}{"license":1,"file_name":"${name}.jpg","coco_url":"http://images.cocodataset.org/train2017/${name}.jpg","height":${height},"width":${width},"date_captured":"2013-11-14 17:02:52","flickr_url":"http://farm9.staticflickr.com/8186/8119368305_${name}_z.jpg","id":${imageId(n)}}`,
    )
  }
  file.write('],"annotations":[')
  for (let n = 0; n < annotations; n++) {
    const image = random.whole(0, images)
    const shift = edited.has(n) ? 1 : 0
    file.write((n === 0 ? '' : ',') + annotation(random, { n, image, sizes, points, shift }))
  }
  file.write('],"categories":[')
  COCO_NAMES.forEach((name, n) => {
    file.write(
      `${n === 0 ? '' : ','}{"supercategory":"thing","id":${categoryId(n)},"name":"${name}"}`,
    )
  })
  file.write(']}')
  file.close()
}

/** As in COCO, ids have gaps. */
function imageId(n) {
  return n * 4 + 9
}

function categoryId(n) {
  return n + 1 + Math.floor(n / 8)
}

function annotation(random, { n, image, sizes, points, shift }) {
  const [width, height] = [sizes[2 * image], sizes[2 * image + 1]]
  const w = 8 + random() ** 3 * (width - 16)
  const h = 8 + random() ** 3 * (height - 16)
  const x = random() * (width - w)
  const y = random() * (height - h)
  const category = categoryId(Math.floor(random() ** 2 * COCO_NAMES.length))
  const bbox = `[${two(x + shift)},${two(y)},${two(w)},${two(h)}]`
  const rest = `"iscrowd":0,"image_id":${imageId(image)},"bbox":${bbox},"category_id":${category},"id":${n * 2 + 1}`
  if (points === 0) return `{"area":${two(w * h)},${rest}}`
  const count = 4 + Math.floor(random() ** 2 * 3 * (points - 4))
  let ring = ''
  for (let p = 0; p < count; p++) {
    const angle = (p / count) * 2 * Math.PI
    const radius = 0.35 + 0.15 * random()
    const px = x + shift + w * (0.5 + radius * Math.cos(angle))
    const py = y + h * (0.5 + radius * Math.sin(angle))
    ring += `${p === 0 ? '' : ','}${two(px)},${two(py)}`
  }
  return `{"segmentation":[[${ring}]],"area":${two(w * h * 0.6)},${rest}}`
}

/** Two decimals, as COCO has them, without the cost of `toFixed`. */
function two(value) {
  return Math.round(value * 100) / 100
}
