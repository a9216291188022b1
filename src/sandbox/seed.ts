import type { Group } from './group.js';
import { groupIdFrom, inviteLinkFrom, seededBytes } from './ids.js';

interface Series {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly variants: Readonly<Record<string, readonly string[]>>;
  /** Language of the variants, subject, description. */
  readonly topics: readonly (readonly [language: string, subject: string, description?: string])[];
}

/** A travel agency with one group per departure and a retailer with one group per store team. */
const SERIES: readonly Series[] = [
  {
    custSpaceId: 'cams-acme',
    businessNumber: '8613800000001',
    variants: {
      en: ['April departure', 'July departure', 'October departure'],
      zh: ['四月团', '七月团', '十月团'],
      ja: ['4月出発', '7月出発', '10月出発'],
    },
    topics: [
      ['en', 'Kyoto temples 🌸', 'Meeting point: Kyoto Station, central gate.\nBring comfortable shoes.'],
      ['zh', '云南雪山五日游 🏔️', '集合地点：昆明长水国际机场 T1。\n请提前两小时到达。'],
      ['en', 'Bali surf camp', 'Boards and wetsuits are included.'],
      ['zh', '桂林山水三日游', '领队会在出发前一天公布集合时间。'],
      ['ja', '北海道スキーツアー ⛷️', '新千歳空港に集合です。'],
      ['en', 'Hanoi street food'],
      ['en', 'Singapore family week 👨‍👩‍👧', 'Questions about strollers and tickets go here.'],
      ['zh', '西藏拉萨深度游', '高原反应须知请见群公告。'],
      ['en', 'Sri Lanka by train', 'Seats are in second class, reserved.'],
      ['en', 'Maldives diving 🤿', 'Open Water licence needed.'],
      ['zh', '三亚亲子度假', '酒店含双早，接送机免费。'],
      ['ja', '沖縄ダイビング'],
      ['en', 'Angkor at sunrise', 'Pick-up at 04:30 from the hotel lobby.'],
      ['en', 'Seoul in three days'],
      ['zh', '张家界玻璃桥', '身高 1.2 米以下儿童免票。'],
      ['en', 'Penang & Malacca', 'Two cities, one guide: ask "Aunt Mei" anything.'],
      ['en', 'Taj Mahal + Jaipur', 'Dress code: shoulders and knees covered.'],
    ],
  },
  {
    custSpaceId: 'cams-globex',
    businessNumber: '8613900000001',
    variants: {
      en: ['early shift', 'late shift', 'store leads'],
      zh: ['早班', '晚班', '店长群'],
      ja: ['早番', '遅番', '店長'],
    },
    topics: [
      ['en', 'Globex Orchard Road', 'Swap shifts here, at least 24 hours ahead.'],
      ['zh', '上海南京路店', '换班请提前一天在群里说明。'],
      ['en', 'Globex Harbour City 🛍️', 'Stock arrives on Tuesdays and Fridays.'],
      ['zh', '广州天河城店', '每周一上午十点盘点。'],
      ['ja', '渋谷店 🐕', '在庫の連絡はこちらへ。'],
      ['en', 'Globex Bukit Bintang'],
      ['en', 'Warehouse Johor — dock 4', 'Drivers: send the plate number on arrival.'],
      ['zh', '深圳前海仓库 📦', '入库单请拍照上传。'],
      ['en', 'Returns desk (EU)', 'Only numbers of the form R-2026-xxxx.'],
      ['en', 'Globex Siam Square', 'Till problems: call the help desk first.'],
      ['zh', '成都太古里店'],
      ['ja', '大阪梅田店', '朝礼は9時45分です。'],
      ['en', 'Visual merchandising', 'Photos of every new window, please 📸'],
      ['en', 'Night deliveries'],
      ['zh', '客服值班组', '紧急问题请@值班经理。'],
      ['en', 'Globex Mid Valley', 'Parking level P3.'],
      ['en', 'Training: new starters', 'Welcome! Week 1 is on the notice board.'],
    ],
  },
];

/** Returns three variants of each topic: 51 groups per number, with the same ids in every run. */
export function seedGroups(): Group[] {
  return SERIES.flatMap((series) =>
    [0, 1, 2].flatMap((variant) =>
      series.topics.map((topic, index) => seedGroup(series, variant, topic, variant * 17 + index)),
    ),
  );
}

function seedGroup(series: Series, variant: number, topic: Series['topics'][number], index: number): Group {
  const { custSpaceId, businessNumber } = series;
  const bytes = (what: string): Buffer => seededBytes(`${custSpaceId}/${businessNumber}/${index}/${what}`);
  const [language, subject, description] = topic;
  return {
    id: groupIdFrom(bytes('id')),
    custSpaceId,
    businessNumber,
    subject: `${subject} · ${series.variants[language]?.[variant] ?? ''}`,
    description,
    status: seedStatus(index),
    inviteLink: index % 3 === 0 ? inviteLinkFrom(bytes('link')) : undefined,
    profilePictureFile:
      index % 4 === 1
        ? `https://pictures.example.com/${bytes('picture').toString('hex', 0, 8)}.jpg`
        : undefined,
    ...(index % 17 === 9 && {
      groupType: 'SUPERGROUP',
      groupLink: `https://t.me/+${bytes('group link').toString('base64url', 0, 12)}`,
    }),
    ...(index % 17 === 15 && { groupType: 'CHANNEL' }),
    businessRole: 'ADMIN',
    participants: Array.from({ length: index % 9 }, (_, member) => seedNumber(bytes(`member ${member}`))),
    removed: [],
    modifiedAt: Date.UTC(2026, 0, 1) + index * 3_600_000,
    listedAt: 0,
    activeAt: 0,
  };
}

/** Mostly `ACTIVE`, but every status occurs. */
function seedStatus(index: number): string {
  if (index === 20) return 'CREATING';
  if (index === 32) return 'UPDATING';
  if (index === 44) return 'DELETING';
  if (index % 16 === 7) return 'INACTIVE';
  return index % 16 === 12 ? 'SUSPENDED' : 'ACTIVE';
}

function seedNumber(bytes: Buffer): string {
  return `86150${String(bytes.readUInt32BE() % 100_000_000).padStart(8, '0')}`;
}
