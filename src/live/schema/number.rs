//! Numbers as JSON Schema compares them: by what they are worth, `1` and `1.0` alike.

use std::cmp::Ordering;

use serde_json::Number;

/// Whether a number is whole: written without a fraction, or too large to have one.
pub fn is_integer(number: &Number) -> bool {
    // 2^53: from there on a float has no digits behind the point.
    number.is_i64()
        || number.is_u64()
        || number.as_f64().is_some_and(|float| float.abs() >= 9_007_199_254_740_992.0)
}

/// Which of two is larger.
pub fn compare(one: &Number, other: &Number) -> Ordering {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one.cmp(&other),
        (_, _) => {
            // JSON has no NaN.
            let float = |number: &Number| number.as_f64().unwrap_or_default();
            float(one).partial_cmp(&float(other)).unwrap_or(Ordering::Equal)
        }
    }
}

/// Whether nothing is left over, counted in decimals: 0.0075 is 75 times 0.0001.
pub fn is_multiple(of: &Number, number: &Number) -> bool {
    let (Some((of, of_exponent)), Some((number, exponent))) = (decimal(of), decimal(number)) else {
        return false;
    };
    if of == 0 {
        return false;
    }
    let (of, number) = (u128::from(of), u128::from(number));
    let apart = exponent.abs_diff(of_exponent);
    if exponent >= of_exponent {
        // number * 10^apart modulo of; neither factor is as large as of, which has 64 bits.
        let (mut left, mut power, mut bits) = (number % of, 10 % of, apart);
        while bits > 0 {
            if bits & 1 == 1 {
                left = left * power % of;
            }
            power = power * power % of;
            bits >>= 1;
        }
        left == 0
    } else {
        let divisor = 10_u128.checked_pow(apart).and_then(|power| power.checked_mul(of));
        number == 0 || divisor.is_some_and(|divisor| number.is_multiple_of(divisor))
    }
}

/// `(mantissa, exponent)` of the shortest decimal that reads as this number: what was written, for all that people
/// write. Without its sign.
fn decimal(number: &Number) -> Option<(u64, i32)> {
    if let Some(whole) = number.as_i128() {
        return Some((u64::try_from(whole.unsigned_abs()).ok()?, 0));
    }
    let text = format!("{:e}", number.as_f64()?.abs());
    let (digits, exponent) = text.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = i32::try_from(fraction.len()).ok()?;
    Some((format!("{whole}{fraction}").parse().ok()?, exponent.parse::<i32>().ok()?.checked_sub(scale)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples() {
        for (of, number, expected) in [
            ("2", "10", true),
            ("2", "7", false),
            ("1.5", "0", true),
            ("1.5", "4.5", true),
            ("1.5", "35", false),
            ("0.0001", "0.0075", true),
            ("0.0001", "0.00751", false),
            ("0.01", "19.99", true),
            ("1e-8", "12391239123", true),
            ("0.123456789", "1e308", false),
            ("0.1", "1e300", true),
            ("1e300", "1", false),
            ("1e-300", "1e300", true),
            ("3e-300", "1e300", false),
            ("1e300", "2e300", true),
            ("-3", "9", true),
            ("18446744073709551615", "18446744073709551615", true),
        ] {
            let number_of = |text: &str| serde_json::from_str::<Number>(text).unwrap();
            assert_eq!(is_multiple(&number_of(of), &number_of(number)), expected, "{number} of {of}");
        }
    }

    #[test]
    fn orders() {
        for (one, other, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("1", "1.5", Ordering::Less),
            ("-1", "18446744073709551615", Ordering::Less),
            ("9223372036854775808", "9223372036854775807", Ordering::Greater),
            ("1e400", "1", Ordering::Greater),
        ] {
            let Ok(one) = serde_json::from_str::<Number>(one) else { continue };
            assert_eq!(compare(&one, &serde_json::from_str(other).unwrap()), expected, "{one} {other}");
        }
    }
}
