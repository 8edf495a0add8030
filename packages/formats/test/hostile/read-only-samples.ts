import { gunzipSync, gzipSync } from 'node:zlib'
import { encodePng } from '../../src/media/png.ts'
import { encodeMaskPng } from '../../src/shared/mask-png.ts'
import { formatNpy } from '../../src/shared/npy-file.ts'
import { nifti } from '../brats/nifti.ts'
import { placeholder } from '../memory-folder.ts'
import { matFile } from '../mpii/mat-file.ts'

type Files = readonly (readonly [path: string, bytes: string | Uint8Array])[]

const IMAGE = placeholder({ width: 3, height: 1 })

function png(bitDepth: 8 | 16, colorType: 0 | 2, ...values: readonly number[]): Uint8Array {
  const data = bitDepth === 8 ? Uint8Array.from(values) : Uint16Array.from(values)
  return encodePng({ width: 3, height: 1, bitDepth, colorType, data })
}

const OBJECT = {
  id: 0,
  name: 'car, auto',
  name_ndx: 401,
  raw_name: 'car',
  attributes: ['parked'],
  depth_ordering_rank: 2,
  occluded: 'yes',
  crop: false,
  parts: { hasparts: [1], ispartof: [], part_level: 0 },
  instance_mask: '1/instance_000_1.png',
  polygon: { x: [0, 2, 2], y: [0, 0, 1] },
}

/** Pixels 0 to 17 and depths of two rows of three, as h5py writes them. */
const HDF5 = gunzipSync(
  Buffer.from(
    'H4sIAApPAWsC/+v0cHHj5ZLiYgABDg4GFgYBBmTwHwq0OFD5MPkEKM0IpTug9AommDgjWE4CKi4INR9dXUiQqytI9X' +
      '80ALPHgAVCczCMgpEIPFwdA0B0BJQPS08nmFDVFaUngemU1IKSDKR06UCmvYwMrBAzGGF8CwjNDBFghqqDOYMZjcYU' +
      'FwAbJQA3EpKiWYE0iM/ExMQIEYX4EGgNNMkLobmsYEDiIdjP34UR6CtYKVHBil89LL8qMI+mYfzpSgNCQ6IfI91gpi' +
      'MJsFZBBXkGSNGowCDOwSBeD5XHnZ6EOFBzEAxUjEbKiEyITMwsrGzsHJxc3Dy8fPwCgmfPnLE1Nt5sN2umpP2smZH2' +
      'Z8/0APEaewBvVLfSKggAAA==',
    'base64',
  ),
)

/** `pickle.dumps(['a', 'b'])`. */
const IDS = Buffer.from('gASVDQAAAAAAAABdlCiMAWGUjAFilGUu', 'base64')

const VOLUME = [0, 0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0]

const CELEBA: Files = [
  ['Anno/identity_CelebA.txt', 'a.jpg 2\nb.jpg 0\n'],
  ['Anno/list_attr_celeba.txt', '2\nBald Young\na.jpg -1  1\nb.jpg 1 1\n'],
  ['Anno/list_bbox_celeba.txt', '1\nimage_id x_1 y_1 width height\na.jpg 1 2 3.5 4\n'],
  ['Anno/list_landmarks_celeba.txt', '1\nlefteye_x\nb.jpg 1 2 3 4 5 6 7 8 9 10\n'],
  ['Anno/list_landmarks_align_celeba.txt', '1\nlefteye_x\nb.jpg 9 2 3 4 5 6 7 8 9 10\n'],
  ['Eval/list_eval_partition.txt', 'a.jpg 0\nb.jpg 2\n'],
  ['Img/img_celeba/a.jpg', IMAGE],
  ['Img/img_align_celeba/a.png', IMAGE],
]

const PERSON = { x1: 10, y1: 20, x2: 40, y2: 60, scale: 3.5, objpos: [{ x: 7, y: 8 }] }

/** A small dataset of each format that is only read; `video` has nothing but videos. */
export const READ_ONLY_SAMPLES: Readonly<Record<string, Files>> = {
  ade20k: [
    ['validation/1.jpg', IMAGE],
    ['validation/1_seg.png', png(8, 2, 10, 5, 40, 10, 5, 90, 10, 5, 90)],
    [
      'validation/1.json',
      JSON.stringify({
        annotation: { filename: '1.jpg', scene: ['urban', 'street'], object: [OBJECT] },
      }),
    ],
    [
      'validation/1/instance_000_1.png',
      encodeMaskPng({ width: 3, height: 1, counts: [1, 2] }, 255),
    ],
  ],
  'align-celeba': CELEBA,
  celeba: CELEBA,
  brats: [
    ['labels', 'background\nedema\nenhancing\n'],
    ['imagesTr/a.nii.gz', gzipSync(nifti([3, 2, 2], VOLUME))],
    ['imagesTr/b.nii', nifti([3, 2, 2], VOLUME)],
    ['labelsTr/a.nii.gz', gzipSync(nifti([3, 2, 2], VOLUME))],
    ['labelsTr/b.nii', nifti([3, 2, 2], VOLUME)],
  ],
  'brats-numpy': [
    ['labels', 'background\nedema\nenhancing\n'],
    ['val_ids.p', IDS],
    ['a_data_cropped.npy', formatNpy(VOLUME, [1, 2, 2, 3], '<f4')],
    ['a_label_cropped.npy', formatNpy(VOLUME, [1, 2, 2, 3], '<f8')],
  ],
  kinetics: [
    [
      'train.csv',
      'label,youtube_id,time_start,time_end,split,is_cc\n"archery, long",---QUuC4vJs,84,94,train,0\n',
    ],
    [
      'validate.json',
      JSON.stringify({
        abc: {
          annotations: { label: 'archery, long', segment: [6, 16] },
          duration: 10,
          subset: 'validate',
          url: 'https://www.example.com/watch?v=abc',
        },
      }),
    ],
    ['train/---QUuC4vJs_000084_000094.mp4', ''],
  ],
  'mapillary-vistas': [
    [
      'config_v2.0.json',
      JSON.stringify({
        labels: [
          { name: 'animal--bird', color: [165, 42, 42], instances: true, readable: 'Bird' },
          { name: 'construction--flat--road', color: [128, 64, 128], instances: false },
        ],
      }),
    ],
    ['training/images/a.jpg', IMAGE],
    ['training/v2.0/instances/a.png', png(16, 0, 0, 3, 256)],
    [
      'training/v2.0/panoptic/panoptic_2020.json',
      JSON.stringify({
        images: [{ id: 'a', file_name: 'a.jpg', width: 3, height: 1 }],
        annotations: [
          {
            image_id: 'a',
            file_name: 'a.png',
            segments_info: [{ id: 257, category_id: 1, iscrowd: 0, area: 2, bbox: [0, 0, 2, 1] }],
          },
        ],
        categories: [
          { id: 1, name: 'animal--bird', supercategory: 'animal', isthing: 1, color: [1, 2, 3] },
        ],
      }),
    ],
    ['training/v2.0/panoptic/a.png', png(8, 2, 1, 1, 0, 1, 1, 0, 0, 0, 0)],
    [
      'training/v2.0/polygons/a.json',
      '{"width":3,"height":1,"objects":[{"label":"animal--bird","polygon":[[0,0],[1.5,0],[1,1]]}]}',
    ],
  ],
  mars: [['bbox_train/0001/0001C1T0003F012.jpg', IMAGE]],
  mpii: [
    [
      'mpii_human_pose_v1_u12_1.mat',
      matFile([
        {
          annolist: [
            {
              image: [{ name: 'a.jpg' }],
              annorect: [
                {
                  ...PERSON,
                  annopoints: [{ point: [{ id: 9, x: 5, y: 6, is_visible: 1 }] }],
                },
              ],
            },
          ],
        },
      ]),
    ],
    ['images/a.jpg', IMAGE],
  ],
  'nyu-depth-v2': [['train/kitchen/00001.h5', HDF5]],
  synthia: [
    ['RGB/a.png', IMAGE],
    ['GT/a.png', png(8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['GTTXT/a.txt', '1 1 10\n'],
  ],
}
