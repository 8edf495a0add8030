import { png, smallProject } from './small-dataset.mjs'

const image = png(32, 24, 90)

/** Small datasets, one for each format: path → bytes. */
export const datasetSeeds = {
  voc: Object.fromEntries(
    Object.entries(smallProject())
      .filter(([at]) => at.startsWith('data/'))
      .map(([at, bytes]) => [at.slice(5), Buffer.from(bytes)]),
  ),
  yolo: {
    'data.yaml': Buffer.from(
      'path: .\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\nkpt_shape: [2, 3]\n',
    ),
    'images/train/a.png': image,
    'images/val/b.png': image,
    'labels/train/a.txt': Buffer.from(
      '0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.9 0.1 0.9 0.9\n0 0.5 0.5 0.2 0.2 0.1 0.1 2 0.3 0.3 1\n',
    ),
    'labels/val/b.txt': Buffer.from('1 0.25 0.5 0.5 0.25\n'),
  },
  coco: {
    'images/a.png': image,
    'annotations/instances_train.json': Buffer.from(
      JSON.stringify({
        info: { year: 2020 },
        licenses: [{ id: 1, name: 'none', url: '' }],
        images: [
          { id: 1, file_name: 'a.png', width: 32, height: 24, license: 1 },
          { id: 2, file_name: 'missing.png', width: 32, height: 24 },
        ],
        categories: [
          { id: 1, name: 'cat', supercategory: 'animal' },
          { id: 7, name: 'person', keypoints: ['head', 'foot'], skeleton: [[1, 2]] },
        ],
        annotations: [
          {
            id: 1,
            image_id: 1,
            category_id: 1,
            bbox: [1, 2, 10, 10],
            area: 100,
            iscrowd: 0,
            segmentation: [[1, 2, 11, 2, 11, 12]],
            attributes: { occluded: true },
          },
          {
            id: 2,
            image_id: 1,
            category_id: 1,
            bbox: [0, 0, 4, 4],
            area: 16,
            iscrowd: 1,
            segmentation: { size: [24, 32], counts: [0, 4, 20, 4, 740] },
          },
          {
            id: 3,
            image_id: 2,
            category_id: 7,
            bbox: [0, 0, 4, 4],
            num_keypoints: 1,
            keypoints: [1, 1, 2, 0, 0, 0],
            segmentation: { size: [24, 32], counts: '04D4TG' },
            score: 0.5,
          },
        ],
      }),
    ),
  },
  'image-folder': {
    'train/cat/a.png': image,
    'train/dog/b.png': image,
    'val/cat/c.png': Buffer.from(
      'ffd8ffe000104a46494600010100000100010000ffc0000b08001800200101',
      'hex',
    ),
  },
  cvat: {
    'annotations.xml': Buffer.from(
      `<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta><task><name>t</name>
<size>2</size><labels><label><name>cat</name><attributes><attribute><name>pose</name><mutable>True</mutable>
<input_type>select</input_type><default_value>a</default_value><values>a\nb</values></attribute></attributes>
</label></labels></task></meta><image id="0" name="a.png" subset="train" width="32" height="24">
<box label="cat" occluded="0" source="manual" xtl="1" ytl="2" xbr="9" ybr="9" z_order="0"><attribute name="pose">a</attribute></box>
<polygon label="cat" points="1,2;3,4;5,6" occluded="0" z_order="1"/><points label="cat" points="1,2" occluded="1"/>
<mask label="cat" rle="1, 2, 3" left="1" top="1" width="3" height="2" occluded="0"/></image></annotations>`,
    ),
    'images/train/a.png': image,
  },
}

const tiff = Buffer.from(
  '49492a0008000000020000010300010000002000000001010300010000001800000000000000',
  'hex',
)
const gif = Buffer.from('474946383961200018008000000000', 'hex')
const bmp = Buffer.from('424d460000000000000036000000280000002000000018000000010018000000', 'hex')
const webp = Buffer.from('524946462400000057454250565038580a000000000000001f0000170000', 'hex')
const jpeg = Buffer.from(
  'ffd8ffe1001a45786966000049492a00080000000100120103000100000006000000ffc0001108001800200301220002110103110100ffd9',
  'hex',
)

/** First bytes of media of every kind that is probed. */
export const mediaSeeds = [image, tiff, gif, bmp, webp, jpeg]

export const textSeeds = {
  query: [
    'category = "car" and subset = "train" or not (width < 30 and occluded)',
    'count(category = "car" and area > 100) >= 2',
    'sum(area where category = "car") > 10000 and max(score) < 0.9',
    'id ~ "^a.*[0-9]+$" and id !~ /b|c{2,3}/i',
    'category not in ("cat", "dog") and attributes.pose = "a"',
    'score is not null and id starts with "a" and (x + 1) * 2 - y / 3 > 2e1',
  ],
  revision: [
    'main~2',
    'v1.0^{commit}',
    '@{1}',
    'HEAD^2~3',
    'main..other',
    'a...b',
    '0123abcdef',
    'HEAD',
  ],
  date: [
    '2026-01-31T12:00:00.5-02:30',
    'yesterday',
    '3 weeks ago',
    '@1700000000',
    '2026-01-31',
    '2.weeks',
    'last week',
  ],
}
