import { type Format, type FormatAdapter, framesAsImages } from '@dsv/core'
import { formatUnknown } from './errors.ts'

/** How one format is loaded: the light part and the whole. */
interface Entry {
  readonly format: () => Promise<Format>
  readonly adapter: () => Promise<FormatAdapter>
}

const ENTRIES: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  [
    'brats-numpy',
    {
      format: async () => (await import('./brats-numpy/format.ts')).bratsNumpyFormat,
      adapter: async () => (await import('./brats-numpy/index.ts')).bratsNumpyAdapter,
    },
  ],
  [
    'brats',
    {
      format: async () => (await import('./brats/format.ts')).bratsFormat,
      adapter: async () => (await import('./brats/index.ts')).bratsAdapter,
    },
  ],
  [
    'nyu-depth-v2',
    {
      format: async () => (await import('./nyu-depth-v2/format.ts')).nyuDepthV2Format,
      adapter: async () => (await import('./nyu-depth-v2/index.ts')).nyuDepthV2Adapter,
    },
  ],
  [
    'mpii',
    {
      format: async () => (await import('./mpii/format.ts')).mpiiFormat,
      adapter: async () => (await import('./mpii/index.ts')).mpiiAdapter,
    },
  ],
  [
    'ava',
    {
      format: async () => (await import('./ava/format.ts')).avaFormat,
      adapter: async () => (await import('./ava/index.ts')).avaAdapter,
    },
  ],
  [
    'kinetics',
    {
      format: async () => (await import('./kinetics/format.ts')).kineticsFormat,
      adapter: async () => (await import('./kinetics/index.ts')).kineticsAdapter,
    },
  ],
  [
    'mvtec-ad',
    {
      format: async () => (await import('./mvtec-ad/format.ts')).mvtecAdFormat,
      adapter: async () => (await import('./mvtec-ad/index.ts')).mvtecAdAdapter,
    },
  ],
  [
    'segment-anything',
    {
      format: async () => (await import('./segment-anything/format.ts')).segmentAnythingFormat,
      adapter: async () => (await import('./segment-anything/index.ts')).segmentAnythingAdapter,
    },
  ],
  [
    'mars',
    {
      format: async () => (await import('./mars/format.ts')).marsFormat,
      adapter: async () => (await import('./mars/index.ts')).marsAdapter,
    },
  ],
  [
    'market1501',
    {
      format: async () => (await import('./market1501/format.ts')).market1501Format,
      adapter: async () => (await import('./market1501/index.ts')).market1501Adapter,
    },
  ],
  [
    'vggface2',
    {
      format: async () => (await import('./vggface2/format.ts')).vggface2Format,
      adapter: async () => (await import('./vggface2/index.ts')).vggface2Adapter,
    },
  ],
  [
    'align-celeba',
    {
      format: async () => (await import('./align-celeba/format.ts')).alignCelebaFormat,
      adapter: async () => (await import('./align-celeba/index.ts')).alignCelebaAdapter,
    },
  ],
  [
    'celeba',
    {
      format: async () => (await import('./celeba/format.ts')).celebaFormat,
      adapter: async () => (await import('./celeba/index.ts')).celebaAdapter,
    },
  ],
  [
    'lfw',
    {
      format: async () => (await import('./lfw/format.ts')).lfwFormat,
      adapter: async () => (await import('./lfw/index.ts')).lfwAdapter,
    },
  ],
  [
    'image-folder',
    {
      format: async () => (await import('./image-folder/format.ts')).imageFolderFormat,
      adapter: async () => (await import('./image-folder/index.ts')).imageFolderAdapter,
    },
  ],
  [
    'yolo',
    {
      format: async () => (await import('./yolo/format.ts')).yoloFormat,
      adapter: async () => (await import('./yolo/index.ts')).yoloAdapter,
    },
  ],
  [
    'voc',
    {
      format: async () => (await import('./voc/format.ts')).vocFormat,
      adapter: async () => (await import('./voc/index.ts')).vocAdapter,
    },
  ],
  [
    'camvid',
    {
      format: async () => (await import('./camvid/format.ts')).camvidFormat,
      adapter: async () => (await import('./camvid/index.ts')).camvidAdapter,
    },
  ],
  [
    'common-semantic-segmentation',
    {
      format: async () =>
        (await import('./common-semantic-segmentation/format.ts')).commonSemanticSegmentationFormat,
      adapter: async () =>
        (await import('./common-semantic-segmentation/index.ts')).commonSemanticSegmentationAdapter,
    },
  ],
  [
    'common-super-resolution',
    {
      format: async () =>
        (await import('./common-super-resolution/format.ts')).commonSuperResolutionFormat,
      adapter: async () =>
        (await import('./common-super-resolution/index.ts')).commonSuperResolutionAdapter,
    },
  ],
  [
    'cityscapes',
    {
      format: async () => (await import('./cityscapes/format.ts')).cityscapesFormat,
      adapter: async () => (await import('./cityscapes/index.ts')).cityscapesAdapter,
    },
  ],
  [
    'kitti',
    {
      format: async () => (await import('./kitti/format.ts')).kittiFormat,
      adapter: async () => (await import('./kitti/index.ts')).kittiAdapter,
    },
  ],
  [
    'synthia',
    {
      format: async () => (await import('./synthia/format.ts')).synthiaFormat,
      adapter: async () => (await import('./synthia/index.ts')).synthiaAdapter,
    },
  ],
  [
    'mapillary-vistas',
    {
      format: async () => (await import('./mapillary-vistas/format.ts')).mapillaryVistasFormat,
      adapter: async () => (await import('./mapillary-vistas/index.ts')).mapillaryVistasAdapter,
    },
  ],
  [
    'ade20k',
    {
      format: async () => (await import('./ade20k/format.ts')).ade20kFormat,
      adapter: async () => (await import('./ade20k/index.ts')).ade20kAdapter,
    },
  ],
  [
    'kitti-raw',
    {
      format: async () => (await import('./kitti-raw/format.ts')).kittiRawFormat,
      adapter: async () => (await import('./kitti-raw/index.ts')).kittiRawAdapter,
    },
  ],
  [
    'coco',
    {
      format: async () => (await import('./coco/format.ts')).cocoFormat,
      adapter: async () => (await import('./coco/index.ts')).cocoAdapter,
    },
  ],
  [
    'cvat',
    {
      format: async () => (await import('./cvat/format.ts')).cvatFormat,
      adapter: async () => (await import('./cvat/index.ts')).cvatAdapter,
    },
  ],
  [
    'datumaro',
    {
      format: async () => (await import('./datumaro/format.ts')).datumaroFormat,
      adapter: async () => (await import('./datumaro/index.ts')).datumaroAdapter,
    },
  ],
  [
    'mot',
    {
      format: async () => (await import('./mot/format.ts')).motFormat,
      adapter: async () => (await import('./mot/index.ts')).motAdapter,
    },
  ],
  [
    'wider-face',
    {
      format: async () => (await import('./wider-face/format.ts')).widerFaceFormat,
      adapter: async () => (await import('./wider-face/index.ts')).widerFaceAdapter,
    },
  ],
  [
    'dota',
    {
      format: async () => (await import('./dota/format.ts')).dotaFormat,
      adapter: async () => (await import('./dota/index.ts')).dotaAdapter,
    },
  ],
  [
    'mots',
    {
      format: async () => (await import('./mots/format.ts')).motsFormat,
      adapter: async () => (await import('./mots/index.ts')).motsAdapter,
    },
  ],
  [
    'icdar-word-recognition',
    {
      format: async () =>
        (await import('./icdar-word-recognition/format.ts')).icdarWordRecognitionFormat,
      adapter: async () =>
        (await import('./icdar-word-recognition/index.ts')).icdarWordRecognitionAdapter,
    },
  ],
  [
    'icdar-text-localization',
    {
      format: async () =>
        (await import('./icdar-text-localization/format.ts')).icdarTextLocalizationFormat,
      adapter: async () =>
        (await import('./icdar-text-localization/index.ts')).icdarTextLocalizationAdapter,
    },
  ],
  [
    'icdar-text-segmentation',
    {
      format: async () =>
        (await import('./icdar-text-segmentation/format.ts')).icdarTextSegmentationFormat,
      adapter: async () =>
        (await import('./icdar-text-segmentation/index.ts')).icdarTextSegmentationAdapter,
    },
  ],
  [
    'supervisely',
    {
      format: async () => (await import('./supervisely/format.ts')).superviselyFormat,
      adapter: async () => (await import('./supervisely/index.ts')).superviselyAdapter,
    },
  ],
  [
    'roboflow-multiclass',
    {
      format: async () =>
        (await import('./roboflow-multiclass/format.ts')).roboflowMulticlassFormat,
      adapter: async () =>
        (await import('./roboflow-multiclass/index.ts')).roboflowMulticlassAdapter,
    },
  ],
  [
    'label-studio',
    {
      format: async () => (await import('./label-studio/format.ts')).labelStudioFormat,
      adapter: async () => (await import('./label-studio/index.ts')).labelStudioAdapter,
    },
  ],
  [
    'tf-detection-api',
    {
      format: async () => (await import('./tf-detection-api/format.ts')).tfDetectionApiFormat,
      adapter: async () => (await import('./tf-detection-api/index.ts')).tfDetectionApiAdapter,
    },
  ],
  [
    'open-images',
    {
      format: async () => (await import('./open-images/format.ts')).openImagesFormat,
      adapter: async () => (await import('./open-images/index.ts')).openImagesAdapter,
    },
  ],
  [
    'create-ml',
    {
      format: async () => (await import('./create-ml/format.ts')).createMlFormat,
      adapter: async () => (await import('./create-ml/index.ts')).createMlAdapter,
    },
  ],
  [
    'via',
    {
      format: async () => (await import('./via/format.ts')).viaFormat,
      adapter: async () => (await import('./via/index.ts')).viaAdapter,
    },
  ],
  [
    'mnist',
    {
      format: async () => (await import('./mnist/format.ts')).mnistFormat,
      adapter: async () => (await import('./mnist/index.ts')).mnistAdapter,
    },
  ],
  [
    'mnist-csv',
    {
      format: async () => (await import('./mnist-csv/format.ts')).mnistCsvFormat,
      adapter: async () => (await import('./mnist-csv/index.ts')).mnistCsvAdapter,
    },
  ],
  [
    'csv',
    {
      format: async () => (await import('./csv/format.ts')).csvFormat,
      adapter: async () => (await import('./csv/index.ts')).csvAdapter,
    },
  ],
  [
    'tabular',
    {
      format: async () => (await import('./tabular/format.ts')).tabularFormat,
      adapter: async () => (await import('./tabular/index.ts')).tabularAdapter,
    },
  ],
  [
    'labelme',
    {
      format: async () => (await import('./labelme/format.ts')).labelmeFormat,
      adapter: async () => (await import('./labelme/index.ts')).labelmeAdapter,
    },
  ],
  [
    'cifar',
    {
      format: async () => (await import('./cifar/format.ts')).cifarFormat,
      adapter: async () => (await import('./cifar/index.ts')).cifarAdapter,
    },
  ],
  [
    'webdataset',
    {
      format: async () => (await import('./webdataset/format.ts')).webdatasetFormat,
      adapter: async () => (await import('./webdataset/index.ts')).webdatasetAdapter,
    },
  ],
  [
    'imagenet',
    {
      format: async () => (await import('./imagenet/format.ts')).imagenetFormat,
      adapter: async () => (await import('./imagenet/index.ts')).imagenetAdapter,
    },
  ],
  [
    'imagenet-txt',
    {
      format: async () => (await import('./imagenet-txt/format.ts')).imagenetTxtFormat,
      adapter: async () => (await import('./imagenet-txt/index.ts')).imagenetTxtAdapter,
    },
  ],
  [
    'labelme-xml',
    {
      format: async () => (await import('./labelme-xml/format.ts')).labelmeXmlFormat,
      adapter: async () => (await import('./labelme-xml/index.ts')).labelmeXmlAdapter,
    },
  ],
  [
    'image-zip',
    {
      format: async () => (await import('./image-zip/format.ts')).imageZipFormat,
      adapter: async () => (await import('./image-zip/index.ts')).imageZipAdapter,
    },
  ],
  [
    'vott-csv',
    {
      format: async () => (await import('./vott-csv/format.ts')).vottCsvFormat,
      adapter: async () => (await import('./vott-csv/index.ts')).vottCsvAdapter,
    },
  ],
  [
    'vott-json',
    {
      format: async () => (await import('./vott-json/format.ts')).vottJsonFormat,
      adapter: async () => (await import('./vott-json/index.ts')).vottJsonAdapter,
    },
  ],
  [
    'video',
    {
      format: async () => (await import('./video/format.ts')).videoFormat,
      adapter: async () => (await import('./video/index.ts')).videoAdapter,
    },
  ],
  [
    'hugging-face',
    {
      format: async () => (await import('./hugging-face/format.ts')).huggingFaceFormat,
      adapter: async () => (await import('./hugging-face/index.ts')).huggingFaceAdapter,
    },
  ],
  [
    'fiftyone',
    {
      format: async () => (await import('./fiftyone/format.ts')).fiftyoneFormat,
      adapter: async () => (await import('./fiftyone/index.ts')).fiftyoneAdapter,
    },
  ],
  [
    'datumaro-binary',
    {
      format: async () => (await import('./datumaro-binary/format.ts')).datumaroBinaryFormat,
      adapter: async () => (await import('./datumaro-binary/index.ts')).datumaroBinaryAdapter,
    },
  ],
  [
    'datumaro-arrow',
    {
      format: async () => (await import('./datumaro-arrow/format.ts')).datumaroArrowFormat,
      adapter: async () => (await import('./datumaro-arrow/index.ts')).datumaroArrowAdapter,
    },
  ],
])

/** Other names that users know formats by. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['mpii-json', 'mpii'],
  ['mvtec-segmentation', 'mvtec-ad'],
  ['mvtec-detection', 'mvtec-ad'],
  ['mvtec-classification', 'mvtec-ad'],
  ['mvtec', 'mvtec-ad'],
  ['sa-1b', 'segment-anything'],
  ['market-1501', 'market1501'],
  ['vgg-face2', 'vggface2'],
  ['coco-instances', 'coco'],
  ['coco-json', 'coco'],
  ['mmdet-coco', 'coco'],
  ['createml', 'create-ml'],
  ['vgg', 'via'],
  ['vgg-image-annotator', 'via'],
  ['label-me', 'labelme-xml'],
  ['vott', 'vott-json'],
  ['fiftyone-dataset', 'fiftyone'],
  ['fiftyone-image-detection', 'fiftyone'],
  ['fiftyone-image-classification', 'fiftyone'],
  ['ms-coco', 'coco'],
  ['roboflow-coco', 'coco'],
  ['roboflow-create-ml', 'create-ml'],
  ['imagefolder', 'image-folder'],
  ['image-dir', 'image-folder'],
  ['kaggle', 'csv'],
  ['kaggle-image-csv', 'csv'],
  ['kaggle-image-txt', 'csv'],
  ['wds', 'webdataset'],
  ['huggingface', 'hugging-face'],
  ['parquet', 'hugging-face'],
  ['hf', 'hugging-face'],
  ['labelstudio', 'label-studio'],
  ['common-semantic-segmentation-with-subset-dirs', 'common-semantic-segmentation'],
  ['kitti-detection', 'kitti'],
  ['kitti-segmentation', 'kitti'],
  ['kitti3d', 'kitti'],
  ['kitti-3d', 'kitti'],
  ['synthia-rand', 'synthia'],
  ['synthia-sf', 'synthia'],
  ['synthia-al', 'synthia'],
  ['mapillary-vistas-instances', 'mapillary-vistas'],
  ['mapillary-vistas-panoptic', 'mapillary-vistas'],
  ['vistas', 'mapillary-vistas'],
  ['ade20k2017', 'ade20k'],
  ['ade20k2020', 'ade20k'],
  ['pascal-voc', 'voc'],
  ['tfrecord', 'tf-detection-api'],
  ['roboflow-tfrecord', 'tf-detection-api'],
  ['openimages', 'open-images'],
  ['mot-seq', 'mot'],
  ['supervisely-images', 'supervisely'],
  ['sly-pointcloud', 'supervisely'],
  ['mots-png', 'mots'],
  ['roboflow-yolo-obb', 'dota'],
  ['widerface', 'wider-face'],
  ['mot-seq-gt', 'mot'],
  ['motchallenge', 'mot'],
  ['open-images-v6', 'open-images'],
  ['open-images-v7', 'open-images'],
  ['idx', 'mnist'],
  ['fashion-mnist', 'mnist'],
  ['cifar-10', 'cifar'],
  ['cifar10', 'cifar'],
  ['cifar-100', 'cifar'],
  ['cifar100', 'cifar'],
  ['imagenet-with-subset-dirs', 'imagenet'],
  ['imagenet-subsets', 'imagenet'],
  ['caffe', 'imagenet-txt'],
  ['video-frames', 'video'],
  ['video-keyframes', 'video'],
  ['arrow', 'datumaro-arrow'],
  ['ultralytics', 'yolo'],
  ['yolo-ultralytics', 'yolo'],
  ['coco-captions', 'coco'],
  ['coco-image-info', 'coco'],
  ['coco-labels', 'coco'],
  ['coco-panoptic', 'coco'],
  ['coco-person-keypoints', 'coco'],
  ['coco-stuff', 'coco'],
  ['roboflow-voc', 'voc'],
  ['roboflow-yolo', 'yolo'],
  ['voc-action', 'voc'],
  ['voc-classification', 'voc'],
  ['voc-detection', 'voc'],
  ['voc-instance-segmentation', 'voc'],
  ['voc-layout', 'voc'],
  ['voc-segmentation', 'voc'],
])

/** Names of all formats, sorted. */
export const formatNames: readonly string[] = [...ENTRIES.keys()].toSorted()

/**
 * Returns the name that `name` stands for: case and `_` do not matter, and a few aliases are known
 * (`pascal-voc` is `voc`).
 *
 * @throws `DSV_FORMAT_UNKNOWN`
 */
export function resolveFormatName(name: string): string {
  const plain = name.toLowerCase().replaceAll('_', '-')
  const resolved = ALIASES.get(plain) ?? plain
  if (!ENTRIES.has(resolved)) throw formatUnknown(name, formatNames)
  return resolved
}

/** Returns whether a built-in format has this name or goes by it too. */
export function isFormatName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-')
  return ENTRIES.has(ALIASES.get(plain) ?? plain)
}

/** Loads what a format is called and can hold, without its parsers. @throws `DSV_FORMAT_UNKNOWN` */
export async function loadFormat(name: string): Promise<Format> {
  return entryOf(name).format()
}

/** Loads the adapter of a format. @throws `DSV_FORMAT_UNKNOWN` */
export async function loadAdapter(name: string): Promise<FormatAdapter> {
  return framesAsImages(await entryOf(name).adapter())
}

function entryOf(name: string): Entry {
  const entry = ENTRIES.get(resolveFormatName(name))
  if (entry === undefined) throw formatUnknown(name, formatNames)
  return entry
}
