import type { SetName } from './sets.js';

/**
 * Drawings whose name neither Unicode nor another set uses, each looked at: drawing -> concept. They come before every rule
 * (`dog` of fxemoji is the dog's face, `dogside` the dog).
 */
export const NAMES_BY_HAND: Readonly<Partial<Record<SetName, Readonly<Record<string, string>>>>> = {
  'emojione': { 'blond-haired-person': 'person: blond hair' },
  'emojione-v1': { 'blond-haired-person': 'person: blond hair' },
  'fxemoji': {
    'dog': 'dog face', 'dogside': 'dog', 'cat': 'cat face', 'catside': 'cat', 'mouse': 'mouse face', 'mouseside': 'mouse',
    'pig': 'pig face', 'pigside': 'pig', 'pigsnout': 'pig nose', 'tiger': 'tiger face', 'tigerside': 'tiger', 'leopardside': 'leopard',
    'dragonhead': 'dragon face', 'dragonside': 'dragon', 'bunny': 'rabbit face', 'bunnyside': 'rabbit', 'hampster': 'hamster',
    'spurtingwhale': 'spouting whale', 'frontfacingchick': 'front-facing baby chick', 'evergreen': 'evergreen tree',
    'fallingleaf': 'fallen leaf', 'leaffluttering': 'leaf fluttering in wind', 'chilipepper': 'hot pepper', 'acorn': 'chestnut',
    'fishcakeswirl': 'fish cake with swirl', 'forkknife': 'fork and knife with plate',
    'europeafricaglobe': 'globe showing Europe-Africa', 'americasglobe': 'globe showing Americas',
    'asiaaustraliaglobe': 'globe showing Asia-Australia', 'meridianglobe': 'globe with meridians', 'silhouetteohjapan': 'map of Japan',
    'snowmountains': 'snow-capped mountain', 'beachumbrella': 'beach with umbrella', 'toykotower': 'Tokyo tower',
    'highspeedtrainbulletnose': 'bullet train', 'manltepiececlock': 'mantelpiece clock', 'whitesun': 'sun',
    'sunraincloud': 'sun behind rain cloud', 'stormcloud': 'cloud with lightning and rain', 'bolt': 'high voltage',
    'clock12oclock': 'twelve o’clock', 'clock12thirty': 'twelve-thirty', 'clock1oclock': 'one o’clock', 'clock1thirty': 'one-thirty',
    'clock2oclock': 'two o’clock', 'clock2thirty': 'two-thirty', 'clock3oclock': 'three o’clock', 'clock3thirty': 'three-thirty',
    'clock4oclock': 'four o’clock', 'clock4thirty': 'four-thirty', 'clock5thirty': 'five-thirty',
    'clock6oclock': 'six o’clock', 'clock6thirty': 'six-thirty', 'clock7oclock': 'seven o’clock',
    'waningbibbousmoon': 'waning gibbous moon', 'confetti': 'confetti ball', 'bow': 'ribbon', 'present': 'wrapped gift',
    'tennisball': 'tennis', 'mansshirt': 't-shirt', 'womansshirt': 'woman’s clothes', 'makeupbag': 'clutch bag', 'pinkwallet': 'purse',
    'mensshoe': 'man’s shoe', 'mensrunner': 'running shoe', 'heels': 'high-heeled shoe', 'sandals': 'woman’s sandal',
    'bellcancellation': 'bell with slash', 'speakercancellation': 'muted speaker', 'speakeronesoundwave': 'speaker medium volume',
    'speaker3soundwaves': 'speaker high volume', 'studiomic': 'studio microphone', 'controlknob': 'control knobs',
    'cellphone': 'mobile phone', 'phonerightarrowleft': 'mobile phone with arrow', 'telephonereceiver2': 'telephone receiver',
    'floppydisk2': 'floppy disk', 'handheldvideocamera': 'video camera', 'videocasette': 'videocassette',
    'leftmagnifyingglass': 'magnifying glass tilted left', 'rightmagnifyingglass': 'magnifying glass tilted right',
    'notebookdecorativecover': 'notebook with decorative cover', 'bookmarktab': 'bookmark tabs',
    'banknoteyen': 'yen banknote', 'banknotedollar': 'dollar banknote', 'banknoteeuro': 'euro banknote', 'banknotepound': 'pound banknote',
    'chartupwardstrend': 'chart increasing', 'chartdownwardstrend': 'chart decreasing', 'chartupwardstrendyen': 'chart increasing with yen',
    'envelopedownarrowabove': 'envelope with arrow', 'outbox': 'outbox tray', 'closedmailboxraised': 'closed mailbox with raised flag',
    'closedmailboxlowered': 'closed mailbox with lowered flag', 'openmailboxraised': 'open mailbox with raised flag',
    'openmailboxlowered': 'open mailbox with lowered flag', 'lowerleftpen': 'pen', 'lockandkey': 'locked with key',
    'sleuthspy': 'detective', 'turban': 'person wearing turban', 'construct': 'construction worker',
    'bride': 'person with veil', 'blonde': 'person: blond hair', 'gma': 'old woman', 'guapimao': 'person with skullcap',
    'headmassage': 'person getting massage', 'nogesture': 'person gesturing NO', 'okgesture': 'person gesturing OK', 'bowing': 'person bowing',
    'handup': 'person raising hand', 'bunny-ears': 'people with bunny ears', 'couple': 'couple with heart', 'wave': 'water wave', 'waving': 'waving hand',
    'guyguy': 'men holding hands', 'girlgirl': 'women holding hands', 'contact': 'bust in silhouette', 'contact2': 'busts in silhouette',
    'monkeysee': 'see-no-evil monkey', 'monkeyhear': 'hear-no-evil monkey', 'monkeyspeak': 'speak-no-evil monkey',
    'grinwide': 'grinning face with big eyes', 'grineyes': 'grinning face with smiling eyes', 'grinsquint': 'grinning squinting face',
    'grinsweat': 'grinning face with sweat', 'grintears': 'face with tears of joy', 'smileeyes': 'smiling face with smiling eyes',
    'smiletongue': 'face savoring food', 'winking': 'winking face', 'kissclosedeyes': 'kissing face with closed eyes',
    'kisseyes': 'kissing face with smiling eyes', 'tongueoutwink': 'winking face with tongue', 'tongueoutwink2': 'squinting face with tongue',
    'perservere': 'persevering face', 'crying': 'crying face', 'loudlycrying': 'loudly crying face', 'screamfear': 'face screaming in fear',
    'anguish': 'anguished face', 'dissapointedrelief': 'sad but relieved face', 'devilhorns': 'smiling face with horns',
    'frownmouth': 'frowning face with open mouth', 'smallfrown': 'slightly frowning face', 'smallsmile': 'slightly smiling face',
    'blackskullcrossbones': 'skull and crossbones', 'pouting': 'enraged face', 'japaneseangrymask': 'goblin',
    '2hearts': 'two hearts', 'heartarrow': 'heart with arrow', 'heartblue': 'blue heart', 'heartgreen': 'green heart', 'heartpurple': 'purple heart',
    'heartyellow': 'yellow heart', 'sweatsplash': 'sweat droplets', 'speechbubble': 'speech balloon', 'thoughtbaloon': 'thought balloon',
    'aok': 'OK hand', 'fistedhand': 'oncoming fist', 'flexbicep': 'flexed biceps', 'hands': 'open hands', 'high5': 'raising hands',
    'up': 'backhand index pointing up', 'left': 'backhand index pointing left', 'right': 'backhand index pointing right',
    'index': 'index pointing up', 'reversehandmiddlefinger': 'middle finger', 'raisedhandsfingerssplayed': 'hand with fingers splayed',
    'raisedhandpartfingers': 'vulcan salute',
  },
};

/** Drawings that are not used: the name means another thing here, or the file is damaged. */
export const LEFT_OUT_BY_HAND: Readonly<Partial<Record<SetName, Readonly<Record<string, string>>>>> = {
  'noto-v1': { 'cricket': 'other name of the cricket game' },
  'emojione': { 'cricket': 'other name of the cricket game' },
  'fxemoji': { 'heartblue': 'lies outside its own box', 'telephonereceiver': 'a telephone without a receiver in the hand' },
};
