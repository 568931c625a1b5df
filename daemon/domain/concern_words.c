#include "domain/concern_words.h"

#include <stddef.h>

const struct concern_set g_concern_sets[] = {
    {"@kid", "child|kid|boy|girl|baby|babies|toddler|infant|newborn|teenager|"
	     "youngster|son|daughter|stepson|stepdaughter|stepchild|grandson|"
	     "granddaughter|grandchild|niece|nephew|pupil|schoolboy|schoolgirl|"
	     "yearold|twins|teen"},
    {"@kids", "child|children|kid|kids|boy|boys|girl|girls|baby|babies|toddler|"
	      "toddlers|infant|newborn|teenager|teenagers|youngster|son|sons|"
	      "daughter|daughters|stepson|stepdaughter|stepchild|stepchildren|"
	      "grandson|granddaughter|grandchild|grandchildren|niece|nephew|"
	      "pupil|schoolboy|schoolgirl|yearold|twins|teen|siblings"},
    {"@whose", "a|an|this|that|the|my|our|her|his|their|its|one|two|another|"
	       "these|those|your|neighbours|sisters|brothers|friends|partners"},
    {"@worried", "worried|concerned|frightened|scared|afraid|anxious|fearful|"
		 "alarmed|distressed|worry|fear|fearing|worrying"},
    {"@hurt",
	"hurt|harmed|abused|beaten|hit|neglected|starved|assaulted|raped|"
	"molested|groomed|exploited|punched|kicked|slapped|smacked|burned|"
	"burnt|strangled|choked|threatened|shaken|touched|attacked|"
	"tortured|trafficked|stabbed|thrown|injured|mistreated|locked"},
    {"@hurting",
	"hitting|hits|hit|beating|beats|beat|hurting|hurts|hurt|slapping|"
	"slaps|slapped|punching|punches|punched|kicking|kicks|kicked|"
	"abusing|abuses|abused|smacking|smacks|smacked|shaking|shakes|"
	"shook|starving|starves|neglecting|neglects|neglected|molesting|"
	"molests|molested|grooming|grooms|groomed|raping|rapes|raped|"
	"strangling|strangled|burning|burnt|burned|assaulting|assaults|"
	"assaulted|attacking|attacked|exploiting|exploits|threatening|"
	"threatens|threatened|choking|choked|harming|harms|harmed"},
    {"@adult", "dad|daddy|mum|mummy|mom|father|mother|stepdad|stepmum|"
	       "stepfather|stepmother|uncle|aunt|auntie|grandad|grandfather|"
	       "granddad|parents|parent|carer|carers|boyfriend|girlfriend|"
	       "partner|brother|stepbrother|teacher|coach|he|she|they|man|"
	       "neighbour"},
    {"@told", "told|tells|telling|disclosed|disclosing|said|says"},
    {"@body", "arm|arms|leg|legs|face|neck|back|body|head|thigh|thighs|wrist|"
	      "wrists|chest|ear|cheek|him|her|child|boy|girl|baby|son|daughter|"
	      "toddler|infant|pupil|yearold"},
    {NULL, NULL},
};

const struct concern_pattern g_concern_patterns[] = {
    /* Somebody is worried about one child. */
    {CONCERN_STRONG,
	"i|im|ive|we|weve|am ~4 @worried for|about|regarding|that ~3 "
	"@kid"},
    {CONCERN_STRONG,
	"i|we|have|having ~3 concern|concerns|fears|worries for|about|"
	"regarding ~1 @whose ~2 @kid"},
    {CONCERN_STRONG,
	"very|really|extremely|so|deeply|seriously|increasingly|urgently "
	"@worried for|about|regarding|that ~3 @kid"},
    {CONCERN_WEAK, "@worried for|about|regarding ~1 @whose ~2 @kid"},
    {CONCERN_WEAK, "@worried for|about ~1 @whose ~1 childs|babys|boys|"
		   "girls|sons|daughters safety|welfare|wellbeing"},
    {CONCERN_STRONG,
	"i|im|we ~4 @worried for|about ~2 childs|babys|boys|girls|sons|"
	"daughters safety|welfare|wellbeing"},
    {CONCERN_WEAK, "safeguarding|welfare|protection|urgent|serious|immediate "
		   "concern|concerns ~1 for|about|regarding ~1 @whose ~3 @kid"},
    /* What is done to a child. */
    {CONCERN_WEAK, "@kids ~4 being|getting|gets|get ~2 @hurt"},
    {CONCERN_WEAK, "@whose ~2 @kid ~3 is|was|been|has|had ~2 @hurt"},
    {CONCERN_STRONG, "@adult ~4 @hurting @whose ~2 @kids"},
    {CONCERN_STRONG,
	"hitting|beating|hurting|abusing|slapping|punching|kicking|"
	"molesting|grooming|raping|starving|strangling|smacking|hits|"
	"beats|abuses|slaps|punches|kicks|molests my|our|her|his|their|"
	"this|that|a|the ~2 @kids"},
    {CONCERN_STRONG,
	"@adult ~3 hits|hurts|beats|touches|punches|kicks|abuses|slaps|"
	"rapes|raped|abused|touched|hitting|hurting|beating|touching|"
	"abusing|beat me|us"},
    {CONCERN_WEAK, "touching|touches|touched ~1 @kid ~3 "
		   "inappropriately|sexually|private|privates"},
    {CONCERN_WEAK, "inappropriately|sexually touching|touched|touches ~2 "
		   "@kids"},
    {CONCERN_STRONG,
	"told me|us|staff ~8 hit|hits|hurt|hurts|beats|beat|touches|touched|"
	"abuses|abused|rapes|raped|hitting|hurting|touching him|her|them"},
    /* At risk, in danger, not safe. */
    {CONCERN_WEAK, "@whose ~2 @kids ~3 at ~3 risk"},
    {CONCERN_WEAK, "@kids ~4 in ~2 danger"},
    {CONCERN_WEAK, "@kids|he|she|they ~4 not|isnt|arent|never|longer ~2 safe"},
    {CONCERN_WEAK, "@kids|he|she|they ~3 unsafe"},
    {CONCERN_STRONG, "not|isnt|arent|longer ~2 safe at|in ~2 home"},
    {CONCERN_STRONG, "i ~1 not|dont ~2 feel|safe ~1 safe|at ~2 home"},
    {CONCERN_WEAK,
	"scared|afraid|frightened|terrified ~1 to|of ~1 go|going|return|"
	"returning|be|being ~1 home"},
    {CONCERN_WEAK,
	"scared|afraid|frightened|terrified of ~1 dad|mum|father|mother|"
	"stepdad|stepfather|stepmum|parents|uncle|boyfriend"},
    /* Told by the child, seen on the child. */
    {CONCERN_WEAK, "@kid|he|she|they ~3 disclosed|disclosing"},
    {CONCERN_WEAK, "disclosed|disclosure ~1 to|by ~2 "
		   "me|us|staff|teacher|school|nurse|colleague|friend"},
    {CONCERN_WEAK, "disclosure|disclosures from|by|of ~2 @kid|pupil"},
    {CONCERN_WEAK, "disclosed|disclosing ~6 abuse|rape|hit|hitting|hurt|beaten|"
		   "assault|assaulted|violence"},
    {CONCERN_STRONG,
	"@kid ~3 @told me|us|staff ~8 hit|hits|hitting|hurt|hurts|"
	"hurting|touched|touches|beats|beat|beaten|abused|raped|scared|"
	"afraid|assaulted|locked"},
    {CONCERN_WEAK,
	"bruise|bruises|bruising|bruised|burns|injuries|wounds|marks ~1 "
	"on|to|across|around|all ~4 @body"},
    {CONCERN_WEAK,
	"@kid|he|she ~8 bruise|bruises|bruising|bruised|burns|wounds"},
    {CONCERN_WEAK, "@kid ~5 black eye"},
    {CONCERN_WEAK, "@kid|he|she ~4 unexplained|suspicious|non "
		   "injury|injuries|marks|accidental"},
    /* Sexual abuse, but not the name of the subject. */
    {CONCERN_WEAK, "sexually ~1 abused|assaulted|exploited ~6 @kids"},
    {CONCERN_WEAK, "@kids ~6 sexually ~1 abused|assaulted|exploited"},
    {CONCERN_WEAK, "sexual|physical|emotional abuse|assault|exploitation of|on|"
		   "against @whose ~2 @kids"},
    {CONCERN_WEAK, "@whose ~2 @kid . ~4 sexual abuse|assault|exploitation"},
    {CONCERN_WEAK, "raped|molested|groomed|abducted|kidnapped|trafficked "
		   "~3 @kid"},
    {CONCERN_WEAK, "@kid ~4 raped|molested|groomed|abducted|kidnapped|"
		   "trafficked"},
    /* Life in danger, alone, gone. */
    {CONCERN_STRONG,
	"wants|want|going|threatening|threatened|threatens|tried|trying "
	"to kill himself|herself|themselves|themself|myself"},
    {CONCERN_WEAK, "@kid|he|she ~4 suicidal"},
    {CONCERN_WEAK, "@kid ~5 self harming|harmed"},
    {CONCERN_WEAK, "@kid ~6 wants to die"},
    {CONCERN_WEAK, "@kids ~4 left|home|been ~2 alone"},
    {CONCERN_WEAK, "left ~2 @kids ~2 alone"},
    {CONCERN_WEAK, "@kid ~3 gone|went|still|reported missing"},
    {CONCERN_WEAK, "@whose @kid is missing"},
    {CONCERN_WEAK, "@kid missing ~2 since|from|last|tonight|again"},
    {CONCERN_STRONG, "will|going|gonna|threatened|threatening|wants ~2 "
		     "kill|hurt|harm|beat|rape ~2 @kids"},
    {CONCERN_WEAK, "@kids ~2 locked|trapped|tied|shut ~1 in|up|inside"},
    {CONCERN_WEAK, "friend|cousin|sister|brother|she|he ~2 being|getting "
		   "groomed|abused|beaten|raped|exploited|trafficked"},
    {CONCERN_WEAK, "@kids ~3 starving|malnourished|emaciated"},
    /* Somebody wants to report it. */
    {CONCERN_WEAK,
	"want|need|like|wish|trying|have to ~2 report|refer|raise ~2 "
	"child|children|abuse|neglect|boy|girl|baby"},
    {CONCERN_STRONG,
	"want|need|like|wish|trying to report|raise ~1 abuse|neglect|"
	"child|safeguarding abuse|neglect|concern|of|about|by"},
    {CONCERN_WEAK, "@whose ~1 @kid ~2 needs ~2 help ~1 now|urgently|"
		   "immediately|please"},
    {CONCERN_STRONG, "think|thinks|believe|believes|suspect|suspects|know "
		     "~2 @whose ~2 @kid ~3 being|been|at|in ~2 @hurt|risk|"
		     "danger"},
    {CONCERN_STRONG, "think|believe|suspect|know ~6 @hurting @whose ~1 "
		     "@kids"},
    {CONCERN_STRONG, "heard|hear|saw|seen|witnessed|watched ~6 @hurting "
		     "@whose ~2 @kids"},
    {CONCERN_STRONG, "heard|hear|hearing @whose ~2 @kids ~3 screaming|"
		     "crying|begging"},
    {CONCERN_STRONG, "@whose ~1 @kids ~3 screaming|crying ~6 night|help|"
		     "stop|shouting|hit"},
    {CONCERN_WEAK, NULL},
};

const char *const g_concern_ours[] = {
    "worried about a child now",
    "~2 if a child is at risk",
    "is a child at risk",
    "if you are worried about a child",
    "if you think a child",
    "an honest 1 helps",
    NULL,
};

const char g_concern_trade[] =
    "policy|policies|procedure|procedures|training|trained|course|courses|"
    "webinar|webinars|workshop|workshops|guidance|protocol|protocols|pathway|"
    "pathways|strategy|strategies|audit|audits|audited|review|reviews|lcspr|"
    "learning|briefing|briefings|newsletter|conference|toolkit|template|"
    "standard|standards|evidence|agenda|minutes|subgroup|partnership|"
    "recognise|recognising|recognize|awareness|campaign|leaflet|leaflets|"
    "poster|posters|should|must|data|figures|figure|percentage|statistics|"
    "numbers|scenario|scenarios|theme|themes|framework|arrangements|ofsted|"
    "inspection|threshold|thresholds|legislation|act|return|compliance|"
    "practitioners|professionals|multi|thematic|research|national|"
    "module|elearning|session|sessions|dataset|indicator|indicators";

/* Close before a match, these make a general rule of it. */
const char g_concern_if[] = "if|whenever|anyone|everyone|whether|any|every|"
			    "should|suspecting";
const char g_concern_rule[] =
    "who|where|how|what|when|recognise|recognising|identify|identifying|"
    "prevent|preventing|spot|spotting";
