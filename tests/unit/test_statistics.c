/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <math.h>

#include "../../bench/statistics.h"

#define P(a, b) statistics_mann_whitney(a, ARRAY_SIZE(a), b, ARRAY_SIZE(b))

static void assert_near(double is, double should_be, double by)
{
	if (!(fabs(is - should_be) <= by))
		fail_msg("%.10g is not %.10g", is, should_be);
}

static void medians(void **state)
{
	const double odd[] = { 9, 1, 5 }, even[] = { 4, 1, 3, 2 }, one[] = { 7.5 };

	(void)state;
	assert_near(statistics_median(odd, 3), 5, 0);
	assert_near(statistics_median(even, 4), 2.5, 0);
	assert_near(statistics_median(one, 1), 7.5, 0);
	assert_true(isnan(statistics_median(one, 0)));
	assert_near(odd[0], 9, 0); /* as it was */
}

/* p of n values against m, all different, of which U pairs have the first value larger. */
static double p_of_u(size_t n, size_t m, size_t u)
{
	double *a = xcalloc(n, sizeof(*a)), *b = xcalloc(m, sizeof(*b)), p;

	for (size_t i = 0; i < m; i++)
		b[i] = (double)(i + 1);
	for (size_t i = 0; i < n; i++) { /* the last ones of a are above as many of b as is left */
		size_t above = u < m ? u : m;

		a[n - 1 - i] = (double)above + 0.9 - (double)i * 0.001;
		u -= above;
	}
	p = statistics_mann_whitney(a, n, b, m);
	assert_near(statistics_mann_whitney(b, m, a, n), p, 1e-12);
	free(a);
	free(b);
	return p;
}

/*
 * The largest U that is significant at 0.05, two-sided: Siegel, Nonparametric Statistics, 1956,
 * table K (there after Auble, 1953).
 */
static void critical_values(void **state)
{
	static const size_t table[][3] = {
		{ 4, 4, 0 },	{ 4, 5, 1 },	{ 5, 5, 2 },	 { 5, 8, 6 },	 { 6, 6, 5 },
		{ 7, 7, 8 },	{ 8, 8, 13 },	{ 9, 9, 17 },	 { 10, 10, 23 }, { 9, 20, 48 },
		{ 12, 15, 49 }, { 15, 15, 64 }, { 20, 20, 127 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const size_t *t = table[i];

		assert_true(p_of_u(t[0], t[1], t[2]) <= 0.05);
		assert_true(p_of_u(t[0], t[1], t[2] + 1) > 0.05);
	}
}

static void least_values(void **state)
{
	(void)state;
	assert_near(p_of_u(3, 3, 0), 2. / 20, 1e-12);
	assert_near(p_of_u(3, 4, 0), 2. / 35, 1e-12);
	assert_near(p_of_u(3, 5, 0), 2. / 56, 1e-12);
	assert_near(p_of_u(4, 4, 0), 2. / 70, 1e-12);
	assert_near(p_of_u(5, 5, 0), 2. / 252, 1e-12);
	assert_near(p_of_u(5, 5, 25), 2. / 252, 1e-12);
	assert_near(p_of_u(1, 1, 0), 1, 1e-12);
	/* as many ways as R's pwilcox counts: 2 * C(98, 49)^-1 */
	assert_near(p_of_u(49, 49, 0) * 1e29, 2 / 2.547761225898085e28 * 1e29, 1e-9);
}

/* help(wilcox.test) of R: permeability of a membrane, Hollander and Wolfe, 1973, 69; W = 35 */
static void without_ties(void **state)
{
	const double x[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	const double y[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

	(void)state;
	assert_near(P(x, y), 0.2544, 0.00005);
	assert_near(P(y, x), 0.2544, 0.00005);
	assert_near(P(x, x), 1, 0);
}

/* help(wilcox.test) of R: Ozone in May and in August in airquality; W = 127.5 */
static void with_ties(void **state)
{
	const double may[] = { 41, 36, 12, 18, 28, 23, 19, 8, 7,  16, 11, 14,  18,
			       14, 34, 6,  30, 11, 1,  11, 4, 32, 23, 45, 115, 37 };
	const double august[] = { 39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
				  59, 23, 31, 44, 21, 9,  45,  168, 73,	 76, 118, 84, 85 };

	(void)state;
	assert_near(P(may, august), 0.0001208, 0.00000005);
	assert_near(P(august, may), 0.0001208, 0.00000005);
}

static void few_values_with_ties(void **state)
{
	const double ones[] = { 1, 1, 1, 1, 1 }, twos[] = { 2, 2, 2, 2, 2 };
	const double a[] = { 1, 2, 2 }, b[] = { 2, 3, 3 };

	(void)state;
	assert_near(statistics_mann_whitney(ones, 3, twos, 3), 0.1, 1e-12);
	assert_near(P(ones, twos), 2. / 252, 1e-12);
	/*
	 * Of the 20 ways to deal 1 2 2 2 3 3, those with the rank sum of 1 2 2 (7) or of 2 3 3 (14):
	 * a pair of the three twos with the 1, one of them with both threes.
	 */
	assert_near(P(a, b), 6. / 20, 1e-12);
}

static void nothing_to_tell_apart(void **state)
{
	double same[60];
	const double one[] = { 3 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		same[i] = 3;
	assert_near(P(same, same), 1, 0);
	assert_near(statistics_mann_whitney(same, 5, same, 5), 1, 0);
	assert_near(P(one, one), 1, 0);
	assert_near(statistics_mann_whitney(same, 0, same, 5), 1, 0);
	assert_near(statistics_mann_whitney(same, 5, same, 0), 1, 0);
}

UNIT_MAIN(cmocka_unit_test(medians), cmocka_unit_test(critical_values),
	  cmocka_unit_test(least_values), cmocka_unit_test(without_ties),
	  cmocka_unit_test(with_ties), cmocka_unit_test(few_values_with_ties),
	  cmocka_unit_test(nothing_to_tell_apart))
