/* What reads as a concern about a child, and what must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/macros.h"
#include "domain/concern.h"

static const char *const g_concerns[] = {
    "I am worried about a child in my class.",
    "Worried about a child",
    "I'm very concerned about a little boy next door",
    "We are concerned that the child is being hurt",
    "a child is being hurt",
    "A child is being hurt at number 12. Please help.",
    "My neighbour is hitting her son",
    "I saw the father hit his daughter in the car park.",
    "The mother keeps slapping the baby.",
    "A pupil disclosed to me today that her uncle touches her.",
    "She disclosed sexual abuse by her stepfather",
    "He told me his dad hits him, the boy is 7 years old",
    "A 9 year old told us her mum hurts her.",
    "There are bruises on the boy's arms.",
    "A toddler came in with bruises and a black eye",
    "the child is not safe at home",
    "She is not safe at home.",
    "My dad hits me",
    "my stepdad is touching me",
    "I do not feel safe at home",
    "A child is at risk.",
    "There is a child at risk of harm in our building",
    "The girl is in danger",
    "My niece is being abused by her mother's boyfriend.",
    "I want to report a child being neglected",
    "I need to raise a safeguarding concern about a pupil",
    "sexual abuse of a child",
    "A boy of 8 was sexually abused by his coach",
    "The child has told her teacher about sexual abuse",
    "My daughter wants to kill herself",
    "The children were left alone all night",
    "a 5 year old is being beaten",
    "She is scared to go home, she is a pupil here",
    "I think my neighbour is abusing their children",
    "I heard a child screaming last night for help",
    "Please see the return attached.\n\nAlso, I am worried about a child, "
    "she has bruises on her arms.",
    "We did the training you asked for and I am really worried about a "
    "boy in year 4.",
    "I\xe2\x80\x99m worried about my neighbour\xe2\x80\x99s child",
    "URGENT: CHILD IS BEING ABUSED",
    "a baby is being starved",
    "I suspect that a child is being groomed",
    "I have concerns about a child",
    "a little girl in our nursery came in with burns and says daddy did it",
    "Urgent: 15 year old missing since last night, may be being exploited",
    "He said he will kill the children tonight",
    "Two kids are locked in a car every evening, please do something",
    "my friend is being groomed online she is 12",
};

static const char *const g_prose[] = {
    "Safeguarding children training",
    "Please find attached our child protection policy.",
    "Worried about a child now? Do not use this email address. Call the "
    "MASH on 020 7946 0660. In danger? Call 999.",
    "Worried about a child now? Call the MASH on 020 7946 0660, or 999.",
    "If a child is at risk now: MASH 020 8314 6660, or 999.",
    "IS A CHILD AT RISK? Please do not wait for us.",
    "Please do not put in a child's name, date of birth, NHS number or\n"
    "address.",
    "An honest 1 helps\nchildren more than a hopeful 3.",
    "Thank you for helping us keep children's details safe.",
    "Our staff know what to do if they are worried about a child.",
    "If you are worried about a child, call the MASH.",
    "The audit looked at children at risk of exploitation.",
    "We trained 120 staff in recognising child sexual abuse.",
    "Child sexual abuse strategy 2026",
    "Child sexual exploitation training for all staff",
    "Bruising in non-mobile babies protocol",
    "The rapid review considers how the child was harmed.",
    "Please find our Section 11 return attached.",
    "The return of one school is missing since the pupil count changed.",
    "I can't attend the neglect subgroup on Tuesday, apologies.",
    "How do I submit the return on child sexual exploitation?",
    "Our policy says what to do when a child is at risk.",
    "All staff have DBS checks; nothing was disclosed.",
    "Safer recruitment: convictions must be disclosed.",
    "The voice of the child is heard in our reviews.",
    "What is better for children (score 3):",
    "We are concerned about the due date of this return.",
    "I am worried about the deadline for the children's audit.",
    "I'm afraid I will be late with the children's services return",
    "done - pack in use since 3 March, board paper attached",
    "need until 30 April - our auditor is on leave",
    "Could you please send me the template for the training return?",
    "One child a week is referred to the MASH by our trust.",
    "We support children and families at home.",
    "Staff should report when a child is being hurt.",
    "The designated nurse for looked after children is away.",
    "my son is ill today so I will send it tomorrow",
    "I have been on leave with my daughter.",
    "Fairbourne Safeguarding Children Partnership team",
    "Learning from a case where a baby was injured",
    "The number of children at risk has gone down, see the data.",
    "Children missing education: policy",
    "An 80 year old was hit by a car so I am late, sorry",
    "Attached: action plan, neglect subgroup, children in need",
    "I was hit by the deadline",
    "Two answers are missing from the form",
    "",
};

static void
check_all(const char *const *texts, size_t count, int expected)
{
	int wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct arena *arena = arena_new(1024 * 1024);
		if (concern_reads(arena, texts[i]) != expected) {
			print_error("judged wrongly: \"%s\"\n", texts[i]);
			wrong++;
		}
		arena_free(arena);
	}
	assert_int_equal(wrong, 0);
}

static void
concerns_fire(void **state)
{
	(void)state;
	check_all(g_concerns, COUNT_OF(g_concerns), 1);
}

static void
prose_does_not(void **state)
{
	(void)state;
	check_all(g_prose, COUNT_OF(g_prose), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(concerns_fire),
	    cmocka_unit_test(prose_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
